# Completion for spn: add "source <(spn completion bash)" to ~/.bashrc.
_spn_complete() {
  local word="${COMP_WORDS[COMP_CWORD]}" found
  found="$(spn "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null)"
  # Options only after a dash, so that an empty word completes to files.
  [[ "$word" == -* ]] || found="$(grep -v '^-' <<< "$found")"
  mapfile -t COMPREPLY < <(compgen -W "$found" -- "$word")
}
complete -o default -F _spn_complete spn
