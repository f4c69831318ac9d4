#!/usr/bin/env bash
# The completion scripts, run by the shells they are for: bash and zsh, and fish where it is installed.
. tests/end_to_end/lib.sh
write_pools
mkdir "$ROOT/bin"
ln -s "$PROGRAMS/epumgmt" "$ROOT/bin/epumgmt"
PATH=$ROOT/bin:$PATH
unset -f epumgmt

start_epud
expect_exit 0 "3 to add" epumgmt apply "$ROOT/pools.yaml"
await "three workers" has_agents 3

# "WORD…": what the shell offers for the last one.
in_bash() {
  bash -c 'compopt() { :; }; source <(epumgmt completion bash); COMP_WORDS=(epumgmt "$@") COMP_CWORD=$#; _epumgmt
           echo "${COMPREPLY[*]}"' bash "$@"
}
in_fish() { fish -c 'epumgmt completion fish | source; complete -C "$argv" | cut -f1' "epumgmt $*" | sort | tr '\n' ' ' | sed 's/ $//'; }
# zsh completes on its line editor alone: there it is asked what compadd gets.
in_zsh() {
  zsh -fc 'compdef() { : }; compadd() { while [[ $1 != -- ]]; do shift; done; shift; print -r -- "$@" }; _files() { : }
           source <(epumgmt completion zsh); words=(epumgmt "$@"); CURRENT=$#words; _epumgmt' zsh "$@"
}

for shell in bash zsh fish; do
  command -v "$shell" >/dev/null || { echo "no $shell here"; continue; }
  offers() {
    local wanted=$1 found
    shift
    found=$("in_$shell" "$@" | tr '\n' ' ' | sed 's/ *$//')
    [ "$found" = "$wanted" ] || fault "$shell offers \"$found\", not \"$wanted\", for: $*"
  }
  offers "status" stat
  offers "crunch" status cr
  offers "web/1 web/2" kill web/
  offers "--health" get workers --hea
  offers "RUNNING RUNNING_FAILED" get workers --state RUN
  offers "crunch/queue" sensor put cr
  offers "preserve_n=" reconfigure web pres
  offers "" status nothing-like-it
done
expect_exit 0 "" epumgmt killrun --yes
