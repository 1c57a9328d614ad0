/// What each shell runs when a word is to be completed. The scripts ask the tool itself, so that
/// they know every command, option and loss, also those of `--plugin`, and never go stale.
enum CompletionScripts: String, CaseIterable {
  case bash, zsh, fish

  var text: String {
    switch self {
    case .bash: Self.forBash
    case .zsh: Self.forZsh
    case .fish: Self.forFish
    }
  }

  private static let forBash = #"""
    # Completes the command line of losses: eval "$(losses completion bash)"
    _losses() {
      local word line glued= words=()
      # Bash parts words at = and :, the tool does not.
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

  private static let forZsh = #"""
    #compdef losses
    # Completes the command line of losses: eval "$(losses completion zsh)", after compinit.
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

  private static let forFish = #"""
    # Completes the command line of losses: losses completion fish | source
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
