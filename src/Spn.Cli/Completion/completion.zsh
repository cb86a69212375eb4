# Completion for spn: add "source <(spn completion zsh)" to ~/.zshrc, after compinit.
_spn() {
  local -a found
  found=("${(@f)$(spn "[suggest:${CURSOR}]" "${BUFFER}" 2>/dev/null)}")
  # Options only after a dash, so that an empty word completes to files.
  [[ "${PREFIX}" == -* ]] || found=("${(@)found:#-*}")
  found=("${(@)found:#}")
  compadd -a found || _files
}
compdef _spn spn
