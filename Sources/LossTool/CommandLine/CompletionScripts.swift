/// The completion script of each shell. The scripts call the tool, so that they complete every command,
/// option and loss, including those of `--plugin`.
enum CompletionScripts: String, CaseIterable {
  case bash, zsh, fish

  var text: String {
    switch self {
    case .bash: Self.bashScript
    case .zsh: Self.zshScript
    case .fish: Self.fishScript
    }
  }

  private static let bashScript = #"""
    # Completion for losses: eval "$(losses completion bash)"
    _losses() {
      local word line glued= words=()
      # Bash splits words at = and :, the tool does not.
      for word in "${COMP_WORDS[@]:1:COMP_CWORD}"; do
        if [[ ${#words[@]} -gt 0 && ( -n $glued || $word == [=:] ) ]]; then
          words[${#words[@]} - 1]+=$word
        else
          words+=("$word")
        fi
        [[ $word == [=:] ]] && glued=1 || glued=
      done
      [[ ${#words[@]} -gt 0 ]] || words=("")
      word=${words[${#words[@]} - 1]}
      local tail=${word##*[=:]}
      local head=${word%"$tail"}
      COMPREPLY=()
      while IFS=$'\t' read -r word _; do
        case $word in
          :files)
            compopt -o filenames 2>/dev/null
            while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "$tail") ;;
          :folders)
            compopt -o filenames 2>/dev/null
            while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -d -- "$tail") ;;
          *)
            [[ $word == *= ]] && compopt -o nospace 2>/dev/null
            COMPREPLY+=("${word#"$head"}") ;;
        esac
      done < <("${COMP_WORDS[0]/#\~/$HOME}" completion words -- "${words[@]}" 2>/dev/null)
    }
    complete -F _losses losses
    """#

  private static let zshScript = #"""
    #compdef losses
    # Completion for losses: eval "$(losses completion zsh)", after compinit.
    _losses() {
      local line word
      local -a finished open
      for line in "${(@f)$("${(Q)~words[1]}" completion words -- "${(@Q)words[2,CURRENT]}" 2>/dev/null)}"; do
        word=${line%%$'\t'*}
        case $word in
          '') ;;
          :files) compset -P '*='; _files ;;
          :folders) compset -P '*='; _files -/ ;;
          *=) open+=("${word//:/\\:}:${line#*$'\t'}") ;;
          *) finished+=("${word//:/\\:}:${line#*$'\t'}") ;;
        esac
      done
      (( $#finished )) && _describe losses finished
      (( $#open )) && _describe losses open -S ''
      return 0
    }
    compdef _losses losses
    """#

  private static let fishScript = #"""
    # Completion for losses: losses completion fish | source
    function __losses_words
      set -l words (commandline -opc) (commandline -ct)
      set -l start (string match -r '^.*=' -- (commandline -ct))
      set -l path (string replace -r '^.*=' '' -- (commandline -ct))
      for line in ($words[1] completion words -- $words[2..-1] 2>/dev/null)
        switch $line
          case ':files'
            string replace -r '^' "$start" -- (__fish_complete_path $path)
          case ':folders'
            string replace -r '^' "$start" -- (__fish_complete_directories $path)
          case '*'
            echo $line
        end
      end
    end
    complete -c losses -f -a '(__losses_words)'
    """#
}
