"""The project's build rules: one library for each pair of files, one test beside it, one schema rule."""

_COPTS = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"]

def epu_library(name, deps = [], visibility = None, **kwargs):
    """A library of one concept: `name`.h and, where there is one, `name`.cc."""
    native.cc_library(
        name = name,
        srcs = native.glob([name + ".cc"]),
        hdrs = [name + ".h"],
        copts = _COPTS,
        deps = deps,
        visibility = visibility,
        **kwargs
    )

def epu_test(name, deps = [], srcs = None, size = "small", **kwargs):
    """A GoogleTest of the same name as its source file."""
    native.cc_test(
        name = name,
        srcs = srcs or [name + ".cc"],
        copts = _COPTS,
        deps = deps + ["//:gtest"],
        size = size,
        **kwargs
    )

def epu_binary(name, deps = [], srcs = None, **kwargs):
    """One of the programs."""
    native.cc_binary(
        name = name,
        srcs = srcs or [name + ".cc"],
        copts = _COPTS,
        deps = deps,
        **kwargs
    )

def epu_schema(name, src, deps = [], imports = [], visibility = None):
    """A Cap'n Proto schema compiled to C++. `imports` are the schema files that `src` imports by absolute path."""
    native.genrule(
        name = name + "_generated",
        srcs = [src] + imports,
        outs = [src + ".h", src + ".c++"],
        cmd = "capnp compile -I. --src-prefix=. -oc++:$(GENDIR) $(location %s)" % src,
    )
    native.cc_library(
        name = name,
        srcs = [src + ".c++"],
        hdrs = [src + ".h"],
        # An import becomes an #include in angle brackets with the path from the root.
        strip_include_prefix = "/",
        copts = ["-w"],
        deps = deps + ["//:capnp"],
        visibility = visibility,
    )

_CC_RULES = [
    "cc_binary",
    "cc_import",
    "cc_library",
    "cc_proto_library",
    "cc_test",
    "cc_toolchain",
    "cc_toolchain_suite",
    "fdo_prefetch_hints",
    "fdo_profile",
    "objc_import",
    "objc_library",
]

def _written_impl(context):
    for path, text in context.attr.files.items():
        context.file(path, text)

_written = repository_rule(implementation = _written_impl, attrs = {"files": attr.string_dict()})

def offline_repositories():
    """Stands in for the repositories that Bazel 4 would fetch before its first C++ target."""
    _written(name = "rules_cc", files = {
        "cc/BUILD": "",
        "cc/defs.bzl": "\n".join(["%s = native.%s" % (rule, rule) for rule in _CC_RULES]),
    })
    _written(name = "remote_coverage_tools", files = {
        "BUILD": "filegroup(name = \"coverage_report_generator\", visibility = [\"//visibility:public\"])\n" +
                 "filegroup(name = \"lcov_merger\", visibility = [\"//visibility:public\"])",
    })
    native.local_repository(name = "rules_java", path = "/usr/share/bazel/rules/java")
