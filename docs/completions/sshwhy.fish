# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_sshwhy_global_optspecs
    string join \n h/help V/version
end

function __fish_sshwhy_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_sshwhy_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_sshwhy_using_subcommand
    set -l cmd (__fish_sshwhy_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c sshwhy -n "__fish_sshwhy_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sshwhy -n "__fish_sshwhy_needs_command" -s V -l version -d 'Print version'
complete -c sshwhy -n "__fish_sshwhy_needs_command" -f -a "audit" -d 'On the server: predict sshd\'s verdict and name every cause'
complete -c sshwhy -n "__fish_sshwhy_needs_command" -f -a "explain" -d 'Explain a cause, or recognise a pasted log, transcript or message'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand audit" -l user -d 'The account that wants to log in; may be repeated. Without it: every account that could' -r
complete -c sshwhy -n "__fish_sshwhy_using_subcommand audit" -l key -d 'The key it offers: a file (public or private, any format), a fingerprint, a public key line in quotes, or `-`; may be repeated. Without it: every key in the account\'s files' -r -F
complete -c sshwhy -n "__fish_sshwhy_using_subcommand audit" -l from -d 'The client\'s address, and its host name where sshd would look it up' -r
complete -c sshwhy -n "__fish_sshwhy_using_subcommand audit" -l to -d 'The address and port that the client connects to' -r
complete -c sshwhy -n "__fish_sshwhy_using_subcommand audit" -l sshd-config -d 'The configuration to judge by, instead of the running daemon\'s' -r -F
complete -c sshwhy -n "__fish_sshwhy_using_subcommand audit" -l root -d 'A mounted disk or an unpacked image, judged as it would boot' -r -f -a "(__fish_complete_directories)"
complete -c sshwhy -n "__fish_sshwhy_using_subcommand audit" -l build -d 'Judge as this build of sshd: debian-12, openssh-10.0, dropbear-2022.83 …' -r
complete -c sshwhy -n "__fish_sshwhy_using_subcommand audit" -l format -d 'Shape of the output' -r -f -a "text\t'For people'
json\t'One JSON document, schema sshwhy/1'"
complete -c sshwhy -n "__fish_sshwhy_using_subcommand audit" -l color -d 'When to use colour; NO_COLOR is honoured' -r -f -a "auto\t'On a terminal'
always\t'In any case'
never\t'In no case'"
complete -c sshwhy -n "__fish_sshwhy_using_subcommand audit" -l exact -d 'Of a certificate file, judge the certificate alone, not its plain key after it'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand audit" -l run-commands -d 'Run AuthorizedKeysCommand and AuthorizedPrincipalsCommand as sshd would'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand audit" -l logs -d 'Look into sshd\'s log for evidence'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand audit" -l all -d 'One result for each key, even where many are alike'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand audit" -l redact -d 'Replace names, addresses, comments and paths below home by placeholders'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand audit" -s v -l verbose -d 'Say more: every gate, the server, progress on standard error'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand audit" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand explain" -l format -d 'Shape of the output' -r -f -a "text\t'For people'
json\t'One JSON document, schema sshwhy/1'"
complete -c sshwhy -n "__fish_sshwhy_using_subcommand explain" -l color -d 'When to use colour; NO_COLOR is honoured' -r -f -a "auto\t'On a terminal'
always\t'In any case'
never\t'In no case'"
complete -c sshwhy -n "__fish_sshwhy_using_subcommand explain" -l redact -d 'Replace names, addresses, comments and paths below home by placeholders'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand explain" -s v -l verbose -d 'Say more: every gate, the server, progress on standard error'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand explain" -s h -l help -d 'Print help (see more with \'--help\')'
