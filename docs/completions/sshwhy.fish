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
complete -c sshwhy -n "__fish_sshwhy_needs_command" -f -a "check" -d 'From the client: ask a live server, and say what can be known'
complete -c sshwhy -n "__fish_sshwhy_needs_command" -f -a "connect" -d 'Log in with a key: a shell or a command, each step explained when it fails'
complete -c sshwhy -n "__fish_sshwhy_needs_command" -f -a "demo" -d 'The whole story on an embedded server: refused, explained, mended, in'
complete -c sshwhy -n "__fish_sshwhy_needs_command" -f -a "explain" -d 'Explain a cause, or recognise a pasted log, transcript or message'
complete -c sshwhy -n "__fish_sshwhy_needs_command" -f -a "key" -d 'Key files of every format: show, generate, convert, passphrase, line, repair'
complete -c sshwhy -n "__fish_sshwhy_needs_command" -f -a "agent" -d 'Agents that hold keys: ask any of them, and run our own'
complete -c sshwhy -n "__fish_sshwhy_needs_command" -f -a "fix" -d 'Plan, show and make the changes that let the login in'
complete -c sshwhy -n "__fish_sshwhy_needs_command" -f -a "what-if" -d 'Who gains and who loses access if a change ships'
complete -c sshwhy -n "__fish_sshwhy_needs_command" -f -a "serve" -d 'An SSH server that decides as sshd does, and says why'
complete -c sshwhy -n "__fish_sshwhy_needs_command" -f -a "keys-for" -d 'For AuthorizedKeysCommand: the lines of one key out of a large file, by an index'
complete -c sshwhy -n "__fish_sshwhy_needs_command" -f -a "serve-session" -d 'What `serve` starts a session\'s program with'
complete -c sshwhy -n "__fish_sshwhy_needs_command" -f -a "serve-network" -d 'The process of `serve` that speaks to the network'
complete -c sshwhy -n "__fish_sshwhy_needs_command" -f -a "undo" -d 'Take back what `fix` changed'
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
complete -c sshwhy -n "__fish_sshwhy_using_subcommand check" -s p -l port -d 'The port' -r
complete -c sshwhy -n "__fish_sshwhy_using_subcommand check" -s i -l identity -d 'A key file of any format; may be repeated. A public half is enough for the queries' -r -F
complete -c sshwhy -n "__fish_sshwhy_using_subcommand check" -l as -d 'Whose habits to follow; PuTTY\'s for a PPK or a saved session, else OpenSSH\'s' -r -f -a "openssh\t'OpenSSH\'s ssh, with its ssh_config'
putty\t'PuTTY and plink, with their saved sessions'"
complete -c sshwhy -n "__fish_sshwhy_using_subcommand check" -l putty-session -d 'A saved session of PuTTY' -r
complete -c sshwhy -n "__fish_sshwhy_using_subcommand check" -l putty-reg -d 'PuTTY\'s settings as regedit exported them, instead of its files' -r -F
complete -c sshwhy -n "__fish_sshwhy_using_subcommand check" -s F -l config -d 'This ssh_config instead of the usual ones' -r -F
complete -c sshwhy -n "__fish_sshwhy_using_subcommand check" -l host-key -d 'The host key\'s fingerprint, where you know it' -r
complete -c sshwhy -n "__fish_sshwhy_using_subcommand check" -l via -d 'Log in another way after the refused keys, and audit from the inside: password, or key:FILE' -r
complete -c sshwhy -n "__fish_sshwhy_using_subcommand check" -l via-user -d 'The account that the other way leads to, if it is another one' -r
complete -c sshwhy -n "__fish_sshwhy_using_subcommand check" -l timeout -d 'Seconds for connecting and for each answer' -r
complete -c sshwhy -n "__fish_sshwhy_using_subcommand check" -l passphrase-file -d 'The passphrase of the key file: its first line; `-` for standard input' -r -F
complete -c sshwhy -n "__fish_sshwhy_using_subcommand check" -l format -d 'Shape of the output' -r -f -a "text\t'For people'
json\t'One JSON document, schema sshwhy/1'"
complete -c sshwhy -n "__fish_sshwhy_using_subcommand check" -l color -d 'When to use colour; NO_COLOR is honoured' -r -f -a "auto\t'On a terminal'
always\t'In any case'
never\t'In no case'"
complete -c sshwhy -n "__fish_sshwhy_using_subcommand check" -l session -d 'Open a shell once let in, read what comes, and close'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand check" -l ask -d 'Where the cause is not proven, ask up to three questions, each the one that settles most'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand check" -l yes -d 'Agree beforehand to the look from the inside'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand check" -l collect -d 'Print a read-only script for an administrator; `explain` judges what it prints'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand check" -l no-other-keys -d 'Do not ask about further keys of yours, which your client would not offer'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand check" -l no-other-name -d 'Do not ask whether the key is for another name, which ssh_config, a saved session, the key\'s comment or the server\'s system points to: one more connection where the key is refused'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand check" -l dry-run -d 'Print what would be done, and its cost'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand check" -l no-wait -d 'Do not wait where the server\'s patience asks for it: exit 3 instead'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand check" -s v -l verbose -d 'Say more: every gate, the server, progress on standard error'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand connect" -s p -l port -d 'The port' -r
complete -c sshwhy -n "__fish_sshwhy_using_subcommand connect" -s l -l login -d 'The user, where the target names none' -r
complete -c sshwhy -n "__fish_sshwhy_using_subcommand connect" -s i -l identity -d 'A private key file of any format; may be repeated' -r -F
complete -c sshwhy -n "__fish_sshwhy_using_subcommand connect" -s F -l config -d 'This ssh_config instead of the usual ones' -r -F
complete -c sshwhy -n "__fish_sshwhy_using_subcommand connect" -l putty-session -d 'A saved session of PuTTY: its key, user, port, and its host where the target is \'\'' -r
complete -c sshwhy -n "__fish_sshwhy_using_subcommand connect" -l putty-reg -d 'PuTTY\'s settings as regedit exported them, instead of its files' -r -F
complete -c sshwhy -n "__fish_sshwhy_using_subcommand connect" -s o -l option -d 'An option of ssh_config, `Keyword=value`; may be repeated' -r
complete -c sshwhy -n "__fish_sshwhy_using_subcommand connect" -s J -l jump -d 'Hosts to go through, one after another' -r
complete -c sshwhy -n "__fish_sshwhy_using_subcommand connect" -l host-key -d 'The host key\'s fingerprint, where you know it' -r
complete -c sshwhy -n "__fish_sshwhy_using_subcommand connect" -l timeout -d 'Seconds for connecting and for each answer' -r
complete -c sshwhy -n "__fish_sshwhy_using_subcommand connect" -l passphrase-file -d 'The passphrase of the key file: its first line; `-` for standard input' -r -F
complete -c sshwhy -n "__fish_sshwhy_using_subcommand connect" -l format -d 'Shape of the output' -r -f -a "text\t'For people'
json\t'One JSON document, schema sshwhy/1'"
complete -c sshwhy -n "__fish_sshwhy_using_subcommand connect" -l color -d 'When to use colour; NO_COLOR is honoured' -r -f -a "auto\t'On a terminal'
always\t'In any case'
never\t'In no case'"
complete -c sshwhy -n "__fish_sshwhy_using_subcommand connect" -s A -l agent-forwarding -d 'Forward the agent: who is root there can use its keys while you are in'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand connect" -s a -l no-agent-forwarding -d 'Do not forward the agent, whatever ssh_config says'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand connect" -s t -l terminal -d 'A terminal there, with a command too; twice: without a terminal here as well'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand connect" -s T -l no-terminal -d 'No terminal there'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand connect" -s n -l no-input -d 'Do not read standard input'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand connect" -s s -l subsystem -d 'COMMAND is the name of a subsystem'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand connect" -s v -l verbose -d 'Say more: every gate, the server, progress on standard error'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand connect" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand demo" -l format -d 'Shape of the output' -r -f -a "text\t'For people'
json\t'One JSON document, schema sshwhy/1'"
complete -c sshwhy -n "__fish_sshwhy_using_subcommand demo" -l color -d 'When to use colour; NO_COLOR is honoured' -r -f -a "auto\t'On a terminal'
always\t'In any case'
never\t'In no case'"
complete -c sshwhy -n "__fish_sshwhy_using_subcommand demo" -l list -d 'Which causes can be shown'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand demo" -s v -l verbose -d 'Say more: every gate, the server, progress on standard error'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand demo" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand explain" -l format -d 'Shape of the output' -r -f -a "text\t'For people'
json\t'One JSON document, schema sshwhy/1'"
complete -c sshwhy -n "__fish_sshwhy_using_subcommand explain" -l color -d 'When to use colour; NO_COLOR is honoured' -r -f -a "auto\t'On a terminal'
always\t'In any case'
never\t'In no case'"
complete -c sshwhy -n "__fish_sshwhy_using_subcommand explain" -l redact -d 'Replace names, addresses, comments and paths below home by placeholders'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand explain" -s v -l verbose -d 'Say more: every gate, the server, progress on standard error'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand explain" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand key; and not __fish_seen_subcommand_from show generate convert passphrase line repair" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand key; and not __fish_seen_subcommand_from show generate convert passphrase line repair" -f -a "show" -d 'Say everything about a key file, and what is damaged in it'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand key; and not __fish_seen_subcommand_from show generate convert passphrase line repair" -f -a "generate" -d 'Make a new key pair'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand key; and not __fish_seen_subcommand_from show generate convert passphrase line repair" -f -a "convert" -d 'Write a key in another format'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand key; and not __fish_seen_subcommand_from show generate convert passphrase line repair" -f -a "passphrase" -d 'Change, set or take away a passphrase'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand key; and not __fish_seen_subcommand_from show generate convert passphrase line repair" -f -a "line" -d 'Print the line for authorized_keys, and the command that appends it on the server'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand key; and not __fish_seen_subcommand_from show generate convert passphrase line repair" -f -a "repair" -d 'Restore a damaged key file to a new one, without guessing'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand key; and __fish_seen_subcommand_from show" -l passphrase-file -d 'Read the passphrase from the first line of this file; `-` is standard input, /dev/fd/N a descriptor' -r -F
complete -c sshwhy -n "__fish_sshwhy_using_subcommand key; and __fish_seen_subcommand_from show" -l format -d 'Shape of the output' -r -f -a "text\t'For people'
json\t'One JSON document, schema sshwhy/1'"
complete -c sshwhy -n "__fish_sshwhy_using_subcommand key; and __fish_seen_subcommand_from show" -l color -d 'When to use colour; NO_COLOR is honoured' -r -f -a "auto\t'On a terminal'
always\t'In any case'
never\t'In no case'"
complete -c sshwhy -n "__fish_sshwhy_using_subcommand key; and __fish_seen_subcommand_from show" -l ask -d 'Ask for the passphrase on the terminal, and check the private half too'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand key; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say more: every gate, the server, progress on standard error'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand key; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand key; and __fish_seen_subcommand_from generate" -l type -d 'The kind of key' -r -f -a "ed25519\t'Short, fast, and known to OpenSSH since 6.5 and PuTTY since 0.68'
rsa\t'For servers that know nothing newer'
ecdsa\t'NIST curves: --bits 256, 384 or 521'
ed448\t'Known to PuTTY since 0.75, not to OpenSSH'"
complete -c sshwhy -n "__fish_sshwhy_using_subcommand key; and __fish_seen_subcommand_from generate" -l bits -d 'Size: RSA 2048 to 16384 (3072 without it), ECDSA 256, 384 or 521' -r
complete -c sshwhy -n "__fish_sshwhy_using_subcommand key; and __fish_seen_subcommand_from generate" -l comment -d 'Comment, for people: whose key it is, and where it lies. Without it: user@host' -r
complete -c sshwhy -n "__fish_sshwhy_using_subcommand key; and __fish_seen_subcommand_from generate" -l to -d 'Format of the private half. Without it: ppk where the output\'s name ends so, else openssh' -r -f -a "openssh\t'OpenSSH\'s own format (6.5 and later)'
pem\t'PKCS#1 for RSA, SEC1 for ECDSA: what old programs read'
pkcs8\t'PKCS#8'
ppk\t'PuTTY\'s format, version 3 (PuTTY 0.75 and later)'
ppk2\t'PuTTY\'s format, version 2 (PuTTY 0.52 and later)'
rfc4716\t'The public half as "Save public key" of PuTTYgen writes it'
line\t'The public half as authorized_keys has it'"
complete -c sshwhy -n "__fish_sshwhy_using_subcommand key; and __fish_seen_subcommand_from generate" -s o -l output -d 'The file to write; private keys get mode 0600' -r -F
complete -c sshwhy -n "__fish_sshwhy_using_subcommand key; and __fish_seen_subcommand_from generate" -l new-passphrase-file -d 'Read the passphrase of the new file from the first line of this file; an empty file means none. Without it: asked twice on the terminal' -r -F
complete -c sshwhy -n "__fish_sshwhy_using_subcommand key; and __fish_seen_subcommand_from generate" -l rounds -d 'Rounds of OpenSSH\'s key derivation; each costs an attacker and you the same' -r
complete -c sshwhy -n "__fish_sshwhy_using_subcommand key; and __fish_seen_subcommand_from generate" -l ppk-kdf -d 'Argon2 variant of a PPK' -r -f -a "argon2id\t'PuTTY\'s default'
argon2i\t'Safe from side channels'
argon2d\t'Hardest for graphics cards'"
complete -c sshwhy -n "__fish_sshwhy_using_subcommand key; and __fish_seen_subcommand_from generate" -l ppk-memory -d 'Argon2 memory of a PPK in KiB; PuTTY\'s default is 8192' -r
complete -c sshwhy -n "__fish_sshwhy_using_subcommand key; and __fish_seen_subcommand_from generate" -l ppk-passes -d 'Argon2 passes of a PPK; PuTTY\'s are as many as fit in 0.1 s' -r
complete -c sshwhy -n "__fish_sshwhy_using_subcommand key; and __fish_seen_subcommand_from generate" -l ppk-parallelism -d 'Argon2 lanes of a PPK; PuTTY\'s default is 1' -r
complete -c sshwhy -n "__fish_sshwhy_using_subcommand key; and __fish_seen_subcommand_from generate" -l format -d 'Shape of the output' -r -f -a "text\t'For people'
json\t'One JSON document, schema sshwhy/1'"
complete -c sshwhy -n "__fish_sshwhy_using_subcommand key; and __fish_seen_subcommand_from generate" -l color -d 'When to use colour; NO_COLOR is honoured' -r -f -a "auto\t'On a terminal'
always\t'In any case'
never\t'In no case'"
complete -c sshwhy -n "__fish_sshwhy_using_subcommand key; and __fish_seen_subcommand_from generate" -l force -d 'Write over a file that is there; the old one is kept as NAME.bak'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand key; and __fish_seen_subcommand_from generate" -s v -l verbose -d 'Say more: every gate, the server, progress on standard error'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand key; and __fish_seen_subcommand_from generate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand key; and __fish_seen_subcommand_from convert" -l to -d 'The format to write' -r -f -a "openssh\t'OpenSSH\'s own format (6.5 and later)'
pem\t'PKCS#1 for RSA, SEC1 for ECDSA: what old programs read'
pkcs8\t'PKCS#8'
ppk\t'PuTTY\'s format, version 3 (PuTTY 0.75 and later)'
ppk2\t'PuTTY\'s format, version 2 (PuTTY 0.52 and later)'
rfc4716\t'The public half as "Save public key" of PuTTYgen writes it'
line\t'The public half as authorized_keys has it'"
complete -c sshwhy -n "__fish_sshwhy_using_subcommand key; and __fish_seen_subcommand_from convert" -l comment -d 'Another comment for the new file' -r
complete -c sshwhy -n "__fish_sshwhy_using_subcommand key; and __fish_seen_subcommand_from convert" -s o -l output -d 'The file to write; private keys get mode 0600' -r -F
complete -c sshwhy -n "__fish_sshwhy_using_subcommand key; and __fish_seen_subcommand_from convert" -l passphrase-file -d 'Read the passphrase from the first line of this file; `-` is standard input, /dev/fd/N a descriptor' -r -F
complete -c sshwhy -n "__fish_sshwhy_using_subcommand key; and __fish_seen_subcommand_from convert" -l new-passphrase-file -d 'Read the passphrase of the new file from the first line of this file; an empty file means none. Without it: asked twice on the terminal' -r -F
complete -c sshwhy -n "__fish_sshwhy_using_subcommand key; and __fish_seen_subcommand_from convert" -l rounds -d 'Rounds of OpenSSH\'s key derivation; each costs an attacker and you the same' -r
complete -c sshwhy -n "__fish_sshwhy_using_subcommand key; and __fish_seen_subcommand_from convert" -l ppk-kdf -d 'Argon2 variant of a PPK' -r -f -a "argon2id\t'PuTTY\'s default'
argon2i\t'Safe from side channels'
argon2d\t'Hardest for graphics cards'"
complete -c sshwhy -n "__fish_sshwhy_using_subcommand key; and __fish_seen_subcommand_from convert" -l ppk-memory -d 'Argon2 memory of a PPK in KiB; PuTTY\'s default is 8192' -r
complete -c sshwhy -n "__fish_sshwhy_using_subcommand key; and __fish_seen_subcommand_from convert" -l ppk-passes -d 'Argon2 passes of a PPK; PuTTY\'s are as many as fit in 0.1 s' -r
complete -c sshwhy -n "__fish_sshwhy_using_subcommand key; and __fish_seen_subcommand_from convert" -l ppk-parallelism -d 'Argon2 lanes of a PPK; PuTTY\'s default is 1' -r
complete -c sshwhy -n "__fish_sshwhy_using_subcommand key; and __fish_seen_subcommand_from convert" -l format -d 'Shape of the output' -r -f -a "text\t'For people'
json\t'One JSON document, schema sshwhy/1'"
complete -c sshwhy -n "__fish_sshwhy_using_subcommand key; and __fish_seen_subcommand_from convert" -l color -d 'When to use colour; NO_COLOR is honoured' -r -f -a "auto\t'On a terminal'
always\t'In any case'
never\t'In no case'"
complete -c sshwhy -n "__fish_sshwhy_using_subcommand key; and __fish_seen_subcommand_from convert" -l force -d 'Write over a file that is there; the old one is kept as NAME.bak'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand key; and __fish_seen_subcommand_from convert" -s v -l verbose -d 'Say more: every gate, the server, progress on standard error'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand key; and __fish_seen_subcommand_from convert" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand key; and __fish_seen_subcommand_from passphrase" -s o -l output -d 'Write to this file instead' -r -F
complete -c sshwhy -n "__fish_sshwhy_using_subcommand key; and __fish_seen_subcommand_from passphrase" -l passphrase-file -d 'Read the passphrase from the first line of this file; `-` is standard input, /dev/fd/N a descriptor' -r -F
complete -c sshwhy -n "__fish_sshwhy_using_subcommand key; and __fish_seen_subcommand_from passphrase" -l new-passphrase-file -d 'Read the passphrase of the new file from the first line of this file; an empty file means none. Without it: asked twice on the terminal' -r -F
complete -c sshwhy -n "__fish_sshwhy_using_subcommand key; and __fish_seen_subcommand_from passphrase" -l rounds -d 'Rounds of OpenSSH\'s key derivation; each costs an attacker and you the same' -r
complete -c sshwhy -n "__fish_sshwhy_using_subcommand key; and __fish_seen_subcommand_from passphrase" -l ppk-kdf -d 'Argon2 variant of a PPK' -r -f -a "argon2id\t'PuTTY\'s default'
argon2i\t'Safe from side channels'
argon2d\t'Hardest for graphics cards'"
complete -c sshwhy -n "__fish_sshwhy_using_subcommand key; and __fish_seen_subcommand_from passphrase" -l ppk-memory -d 'Argon2 memory of a PPK in KiB; PuTTY\'s default is 8192' -r
complete -c sshwhy -n "__fish_sshwhy_using_subcommand key; and __fish_seen_subcommand_from passphrase" -l ppk-passes -d 'Argon2 passes of a PPK; PuTTY\'s are as many as fit in 0.1 s' -r
complete -c sshwhy -n "__fish_sshwhy_using_subcommand key; and __fish_seen_subcommand_from passphrase" -l ppk-parallelism -d 'Argon2 lanes of a PPK; PuTTY\'s default is 1' -r
complete -c sshwhy -n "__fish_sshwhy_using_subcommand key; and __fish_seen_subcommand_from passphrase" -l format -d 'Shape of the output' -r -f -a "text\t'For people'
json\t'One JSON document, schema sshwhy/1'"
complete -c sshwhy -n "__fish_sshwhy_using_subcommand key; and __fish_seen_subcommand_from passphrase" -l color -d 'When to use colour; NO_COLOR is honoured' -r -f -a "auto\t'On a terminal'
always\t'In any case'
never\t'In no case'"
complete -c sshwhy -n "__fish_sshwhy_using_subcommand key; and __fish_seen_subcommand_from passphrase" -l force -d 'Replace the file itself, or a file that is there; the old one is kept as NAME.bak'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand key; and __fish_seen_subcommand_from passphrase" -s v -l verbose -d 'Say more: every gate, the server, progress on standard error'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand key; and __fish_seen_subcommand_from passphrase" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand key; and __fish_seen_subcommand_from line" -l passphrase-file -d 'Read the passphrase from the first line of this file; `-` is standard input, /dev/fd/N a descriptor' -r -F
complete -c sshwhy -n "__fish_sshwhy_using_subcommand key; and __fish_seen_subcommand_from line" -l format -d 'Shape of the output' -r -f -a "text\t'For people'
json\t'One JSON document, schema sshwhy/1'"
complete -c sshwhy -n "__fish_sshwhy_using_subcommand key; and __fish_seen_subcommand_from line" -l color -d 'When to use colour; NO_COLOR is honoured' -r -f -a "auto\t'On a terminal'
always\t'In any case'
never\t'In no case'"
complete -c sshwhy -n "__fish_sshwhy_using_subcommand key; and __fish_seen_subcommand_from line" -l command -d 'Print the command for the server on standard output instead of the line'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand key; and __fish_seen_subcommand_from line" -s v -l verbose -d 'Say more: every gate, the server, progress on standard error'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand key; and __fish_seen_subcommand_from line" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand key; and __fish_seen_subcommand_from repair" -s o -l output -d 'The file to write; private keys get mode 0600' -r -F
complete -c sshwhy -n "__fish_sshwhy_using_subcommand key; and __fish_seen_subcommand_from repair" -l passphrase-file -d 'Read the passphrase from the first line of this file; `-` is standard input, /dev/fd/N a descriptor' -r -F
complete -c sshwhy -n "__fish_sshwhy_using_subcommand key; and __fish_seen_subcommand_from repair" -l format -d 'Shape of the output' -r -f -a "text\t'For people'
json\t'One JSON document, schema sshwhy/1'"
complete -c sshwhy -n "__fish_sshwhy_using_subcommand key; and __fish_seen_subcommand_from repair" -l color -d 'When to use colour; NO_COLOR is honoured' -r -f -a "auto\t'On a terminal'
always\t'In any case'
never\t'In no case'"
complete -c sshwhy -n "__fish_sshwhy_using_subcommand key; and __fish_seen_subcommand_from repair" -l force -d 'Write over a file that is there; the old one is kept as NAME.bak'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand key; and __fish_seen_subcommand_from repair" -s v -l verbose -d 'Say more: every gate, the server, progress on standard error'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand key; and __fish_seen_subcommand_from repair" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand agent; and not __fish_seen_subcommand_from list add remove lock unlock test start stop" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand agent; and not __fish_seen_subcommand_from list add remove lock unlock test start stop" -f -a "list" -d 'Say which agent answers, and with which keys'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand agent; and not __fish_seen_subcommand_from list add remove lock unlock test start stop" -f -a "add" -d 'Add keys'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand agent; and not __fish_seen_subcommand_from list add remove lock unlock test start stop" -f -a "remove" -d 'Remove keys'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand agent; and not __fish_seen_subcommand_from list add remove lock unlock test start stop" -f -a "lock" -d 'Lock the agent with a passphrase'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand agent; and not __fish_seen_subcommand_from list add remove lock unlock test start stop" -f -a "unlock" -d 'Unlock the agent'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand agent; and not __fish_seen_subcommand_from list add remove lock unlock test start stop" -f -a "test" -d 'Let each key sign, and check the signatures'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand agent; and not __fish_seen_subcommand_from list add remove lock unlock test start stop" -f -a "start" -d 'Start an agent of our own'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand agent; and not __fish_seen_subcommand_from list add remove lock unlock test start stop" -f -a "stop" -d 'End an agent of our own'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand agent; and __fish_seen_subcommand_from list" -l max-auth-tries -d 'The server\'s MaxAuthTries, for the keys that it would not hear of' -r
complete -c sshwhy -n "__fish_sshwhy_using_subcommand agent; and __fish_seen_subcommand_from list" -l socket -d 'The agent\'s socket, instead of SSH_AUTH_SOCK' -r -F
complete -c sshwhy -n "__fish_sshwhy_using_subcommand agent; and __fish_seen_subcommand_from list" -l format -d 'Shape of the output' -r -f -a "text\t'For people'
json\t'One JSON document, schema sshwhy/1'"
complete -c sshwhy -n "__fish_sshwhy_using_subcommand agent; and __fish_seen_subcommand_from list" -l color -d 'When to use colour; NO_COLOR is honoured' -r -f -a "auto\t'On a terminal'
always\t'In any case'
never\t'In no case'"
complete -c sshwhy -n "__fish_sshwhy_using_subcommand agent; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more: every gate, the server, progress on standard error'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand agent; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand agent; and __fish_seen_subcommand_from add" -s t -l lifetime -d 'Drop the key after so long: seconds, or 30s, 10m, 8h, 2d, 1w and sums of them' -r
complete -c sshwhy -n "__fish_sshwhy_using_subcommand agent; and __fish_seen_subcommand_from add" -s h -l destination -d 'Use it towards this host alone: HOST, USER@HOST, or FROM>HOST for a jump; may be repeated' -r
complete -c sshwhy -n "__fish_sshwhy_using_subcommand agent; and __fish_seen_subcommand_from add" -l known-hosts -d 'Where the hosts\' keys are listed; may be repeated. Without it: ssh\'s files' -r -F
complete -c sshwhy -n "__fish_sshwhy_using_subcommand agent; and __fish_seen_subcommand_from add" -l passphrase-file -d 'Read the passphrase from the first line of this file; `-` is standard input' -r -F
complete -c sshwhy -n "__fish_sshwhy_using_subcommand agent; and __fish_seen_subcommand_from add" -l socket -d 'The agent\'s socket, instead of SSH_AUTH_SOCK' -r -F
complete -c sshwhy -n "__fish_sshwhy_using_subcommand agent; and __fish_seen_subcommand_from add" -l format -d 'Shape of the output' -r -f -a "text\t'For people'
json\t'One JSON document, schema sshwhy/1'"
complete -c sshwhy -n "__fish_sshwhy_using_subcommand agent; and __fish_seen_subcommand_from add" -l color -d 'When to use colour; NO_COLOR is honoured' -r -f -a "auto\t'On a terminal'
always\t'In any case'
never\t'In no case'"
complete -c sshwhy -n "__fish_sshwhy_using_subcommand agent; and __fish_seen_subcommand_from add" -s c -l confirm -d 'Ask before each use'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand agent; and __fish_seen_subcommand_from add" -l encrypted -d 'Leave it encrypted until its first use'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand agent; and __fish_seen_subcommand_from add" -s k -l key-only -d 'Leave out the certificate beside the key'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand agent; and __fish_seen_subcommand_from add" -l help -d 'Print help'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand agent; and __fish_seen_subcommand_from add" -s v -l verbose -d 'Say more: every gate, the server, progress on standard error'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand agent; and __fish_seen_subcommand_from remove" -l socket -d 'The agent\'s socket, instead of SSH_AUTH_SOCK' -r -F
complete -c sshwhy -n "__fish_sshwhy_using_subcommand agent; and __fish_seen_subcommand_from remove" -l format -d 'Shape of the output' -r -f -a "text\t'For people'
json\t'One JSON document, schema sshwhy/1'"
complete -c sshwhy -n "__fish_sshwhy_using_subcommand agent; and __fish_seen_subcommand_from remove" -l color -d 'When to use colour; NO_COLOR is honoured' -r -f -a "auto\t'On a terminal'
always\t'In any case'
never\t'In no case'"
complete -c sshwhy -n "__fish_sshwhy_using_subcommand agent; and __fish_seen_subcommand_from remove" -l all -d 'Every key'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand agent; and __fish_seen_subcommand_from remove" -s v -l verbose -d 'Say more: every gate, the server, progress on standard error'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand agent; and __fish_seen_subcommand_from remove" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand agent; and __fish_seen_subcommand_from lock" -l passphrase-file -d 'Read the passphrase from the first line of this file; `-` is standard input' -r -F
complete -c sshwhy -n "__fish_sshwhy_using_subcommand agent; and __fish_seen_subcommand_from lock" -l socket -d 'The agent\'s socket, instead of SSH_AUTH_SOCK' -r -F
complete -c sshwhy -n "__fish_sshwhy_using_subcommand agent; and __fish_seen_subcommand_from lock" -l format -d 'Shape of the output' -r -f -a "text\t'For people'
json\t'One JSON document, schema sshwhy/1'"
complete -c sshwhy -n "__fish_sshwhy_using_subcommand agent; and __fish_seen_subcommand_from lock" -l color -d 'When to use colour; NO_COLOR is honoured' -r -f -a "auto\t'On a terminal'
always\t'In any case'
never\t'In no case'"
complete -c sshwhy -n "__fish_sshwhy_using_subcommand agent; and __fish_seen_subcommand_from lock" -s v -l verbose -d 'Say more: every gate, the server, progress on standard error'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand agent; and __fish_seen_subcommand_from lock" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand agent; and __fish_seen_subcommand_from unlock" -l passphrase-file -d 'Read the passphrase from the first line of this file; `-` is standard input' -r -F
complete -c sshwhy -n "__fish_sshwhy_using_subcommand agent; and __fish_seen_subcommand_from unlock" -l socket -d 'The agent\'s socket, instead of SSH_AUTH_SOCK' -r -F
complete -c sshwhy -n "__fish_sshwhy_using_subcommand agent; and __fish_seen_subcommand_from unlock" -l format -d 'Shape of the output' -r -f -a "text\t'For people'
json\t'One JSON document, schema sshwhy/1'"
complete -c sshwhy -n "__fish_sshwhy_using_subcommand agent; and __fish_seen_subcommand_from unlock" -l color -d 'When to use colour; NO_COLOR is honoured' -r -f -a "auto\t'On a terminal'
always\t'In any case'
never\t'In no case'"
complete -c sshwhy -n "__fish_sshwhy_using_subcommand agent; and __fish_seen_subcommand_from unlock" -s v -l verbose -d 'Say more: every gate, the server, progress on standard error'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand agent; and __fish_seen_subcommand_from unlock" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand agent; and __fish_seen_subcommand_from test" -l socket -d 'The agent\'s socket, instead of SSH_AUTH_SOCK' -r -F
complete -c sshwhy -n "__fish_sshwhy_using_subcommand agent; and __fish_seen_subcommand_from test" -l format -d 'Shape of the output' -r -f -a "text\t'For people'
json\t'One JSON document, schema sshwhy/1'"
complete -c sshwhy -n "__fish_sshwhy_using_subcommand agent; and __fish_seen_subcommand_from test" -l color -d 'When to use colour; NO_COLOR is honoured' -r -f -a "auto\t'On a terminal'
always\t'In any case'
never\t'In no case'"
complete -c sshwhy -n "__fish_sshwhy_using_subcommand agent; and __fish_seen_subcommand_from test" -s v -l verbose -d 'Say more: every gate, the server, progress on standard error'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand agent; and __fish_seen_subcommand_from test" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand agent; and __fish_seen_subcommand_from start" -l socket -d 'Where to listen. Without it: a new socket in $XDG_RUNTIME_DIR, or below /tmp' -r -F
complete -c sshwhy -n "__fish_sshwhy_using_subcommand agent; and __fish_seen_subcommand_from start" -l exec -d 'Run a command with the agent, and end with it' -r
complete -c sshwhy -n "__fish_sshwhy_using_subcommand agent; and __fish_seen_subcommand_from start" -s t -l lifetime -d 'Lifetime of keys that are added without one' -r
complete -c sshwhy -n "__fish_sshwhy_using_subcommand agent; and __fish_seen_subcommand_from start" -l reencrypt -d 'Encrypt keys again that were added encrypted and not used for so long' -r
complete -c sshwhy -n "__fish_sshwhy_using_subcommand agent; and __fish_seen_subcommand_from start" -l shell -d 'Whose lines to print. Without it: as $SHELL says' -r -f -a "sh\t'sh, bash, zsh, ksh'
csh\t'csh, tcsh'
fish\t'fish'"
complete -c sshwhy -n "__fish_sshwhy_using_subcommand agent; and __fish_seen_subcommand_from start" -l format -d 'Shape of the output' -r -f -a "text\t'For people'
json\t'One JSON document, schema sshwhy/1'"
complete -c sshwhy -n "__fish_sshwhy_using_subcommand agent; and __fish_seen_subcommand_from start" -l color -d 'When to use colour; NO_COLOR is honoured' -r -f -a "auto\t'On a terminal'
always\t'In any case'
never\t'In no case'"
complete -c sshwhy -n "__fish_sshwhy_using_subcommand agent; and __fish_seen_subcommand_from start" -l foreground -d 'Stay in the foreground; passphrases are then asked for on the terminal'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand agent; and __fish_seen_subcommand_from start" -l behind -d 'The agent behind `start`, which prints nothing but that it is ready'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand agent; and __fish_seen_subcommand_from start" -s v -l verbose -d 'Say more: every gate, the server, progress on standard error'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand agent; and __fish_seen_subcommand_from start" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand agent; and __fish_seen_subcommand_from stop" -l shell -d 'Whose lines to print. Without it: as $SHELL says' -r -f -a "sh\t'sh, bash, zsh, ksh'
csh\t'csh, tcsh'
fish\t'fish'"
complete -c sshwhy -n "__fish_sshwhy_using_subcommand agent; and __fish_seen_subcommand_from stop" -l socket -d 'The agent\'s socket, instead of SSH_AUTH_SOCK' -r -F
complete -c sshwhy -n "__fish_sshwhy_using_subcommand agent; and __fish_seen_subcommand_from stop" -l format -d 'Shape of the output' -r -f -a "text\t'For people'
json\t'One JSON document, schema sshwhy/1'"
complete -c sshwhy -n "__fish_sshwhy_using_subcommand agent; and __fish_seen_subcommand_from stop" -l color -d 'When to use colour; NO_COLOR is honoured' -r -f -a "auto\t'On a terminal'
always\t'In any case'
never\t'In no case'"
complete -c sshwhy -n "__fish_sshwhy_using_subcommand agent; and __fish_seen_subcommand_from stop" -s v -l verbose -d 'Say more: every gate, the server, progress on standard error'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand agent; and __fish_seen_subcommand_from stop" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand fix" -l user -d 'The account that wants to log in; may be repeated. Without it: every account that could' -r
complete -c sshwhy -n "__fish_sshwhy_using_subcommand fix" -l key -d 'The key it offers: a file, a fingerprint, a public key line in quotes, or `-`; may be repeated. Only a key named here is ever added. Without it: every key in the account\'s files' -r -F
complete -c sshwhy -n "__fish_sshwhy_using_subcommand fix" -l from -d 'The client\'s address, and its host name where sshd would look it up' -r
complete -c sshwhy -n "__fish_sshwhy_using_subcommand fix" -l to -d 'The address and port that the client connects to' -r
complete -c sshwhy -n "__fish_sshwhy_using_subcommand fix" -l sshd-config -d 'The configuration to mend, instead of the running daemon\'s' -r -F
complete -c sshwhy -n "__fish_sshwhy_using_subcommand fix" -l root -d 'A mounted disk or an unpacked image' -r -f -a "(__fish_complete_directories)"
complete -c sshwhy -n "__fish_sshwhy_using_subcommand fix" -l build -d 'Judge as this build of sshd: debian-12, openssh-10.0, dropbear-2022.83 …' -r
complete -c sshwhy -n "__fish_sshwhy_using_subcommand fix" -l confirm -d 'Let everything go back by itself after so many seconds, unless a new login succeeds: one that is made at once, with the --key if that is a private one, else with a key of a minute; or the person\'s own, which keeps it with `sshwhy undo --keep`' -r
complete -c sshwhy -n "__fish_sshwhy_using_subcommand fix" -l print -d 'Print the plan in another form instead, and change nothing' -r -f -a "script\t'A POSIX shell script that checks before it changes'
ansible\t'An Ansible task file'
rescue\t'One line for a console'"
complete -c sshwhy -n "__fish_sshwhy_using_subcommand fix" -l format -d 'Shape of the output' -r -f -a "text\t'For people'
json\t'One JSON document, schema sshwhy/1'"
complete -c sshwhy -n "__fish_sshwhy_using_subcommand fix" -l color -d 'When to use colour; NO_COLOR is honoured' -r -f -a "auto\t'On a terminal'
always\t'In any case'
never\t'In no case'"
complete -c sshwhy -n "__fish_sshwhy_using_subcommand fix" -l exact -d 'Of a certificate file, mend for the certificate alone, not for its plain key'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand fix" -l run-commands -d 'Run AuthorizedKeysCommand and AuthorizedPrincipalsCommand as sshd would'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand fix" -l dry-run -d 'Show the plan and stop'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand fix" -l yes -d 'Make the changes without a question'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand fix" -l no-reload -d 'Leave the running sshd alone'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand fix" -l allow-weakening -d 'Undo what somebody decided, too, and let in more than the login asked for'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand fix" -s v -l verbose -d 'Say more: every gate, the server, progress on standard error'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand fix" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand what-if" -l sshd-config -d 'The configuration to come, judged in the place of the one in force' -r -F
complete -c sshwhy -n "__fish_sshwhy_using_subcommand what-if" -l build -d 'The build of sshd to come: debian-13, openssh-10.0 …' -r
complete -c sshwhy -n "__fish_sshwhy_using_subcommand what-if" -l revoke -d 'A key or CA that is to be revoked; may be repeated' -r -F
complete -c sshwhy -n "__fish_sshwhy_using_subcommand what-if" -l authorized-keys -d 'The key file to come of the account named with --user' -r -F
complete -c sshwhy -n "__fish_sshwhy_using_subcommand what-if" -l user -d 'Look at this account alone; may be repeated' -r
complete -c sshwhy -n "__fish_sshwhy_using_subcommand what-if" -l root -d 'A mounted disk or an unpacked image' -r -f -a "(__fish_complete_directories)"
complete -c sshwhy -n "__fish_sshwhy_using_subcommand what-if" -l expect -d 'Check assertions, one a line: `alice from 10.0.0.0/8 with KEY: accept`' -r -F
complete -c sshwhy -n "__fish_sshwhy_using_subcommand what-if" -l format -d 'Shape of the output' -r -f -a "text\t'For people'
json\t'One JSON document, schema sshwhy/1'"
complete -c sshwhy -n "__fish_sshwhy_using_subcommand what-if" -l color -d 'When to use colour; NO_COLOR is honoured' -r -f -a "auto\t'On a terminal'
always\t'In any case'
never\t'In no case'"
complete -c sshwhy -n "__fish_sshwhy_using_subcommand what-if" -l run-commands -d 'Run AuthorizedKeysCommand and AuthorizedPrincipalsCommand as sshd would'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand what-if" -s v -l verbose -d 'Say more: every gate, the server, progress on standard error'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand what-if" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand serve" -l listen -d 'The address to listen on, or `stdin`: a listening socket on standard input (systemd, inetd)' -r
complete -c sshwhy -n "__fish_sshwhy_using_subcommand serve" -l keys -d 'A folder whose files `authorized_keys` and `*.pub` hold the keys of the account that runs this' -r -f -a "(__fish_complete_directories)"
complete -c sshwhy -n "__fish_sshwhy_using_subcommand serve" -s o -d 'A line of sshd_config for the folder of keys, such as `StrictModes no`; may be repeated' -r
complete -c sshwhy -n "__fish_sshwhy_using_subcommand serve" -l sshd-config -d 'The configuration to decide by' -r -F
complete -c sshwhy -n "__fish_sshwhy_using_subcommand serve" -l root -d 'A tree that stands for the machine: its accounts and files decide' -r -f -a "(__fish_complete_directories)"
complete -c sshwhy -n "__fish_sshwhy_using_subcommand serve" -l build -d 'Decide as this build of sshd: debian-12, openssh-10.0 … [default: with --like-sshd the one found there, with --keys openssh-10.0]' -r
complete -c sshwhy -n "__fish_sshwhy_using_subcommand serve" -l host-key -d 'This server\'s own host key; made where there is none. Without it: a new one at each start' -r -F
complete -c sshwhy -n "__fish_sshwhy_using_subcommand serve" -l grace -d 'Seconds to log in' -r
complete -c sshwhy -n "__fish_sshwhy_using_subcommand serve" -l connections -d 'Most connections at a time' -r
complete -c sshwhy -n "__fish_sshwhy_using_subcommand serve" -l per-source -d 'Most connections at a time from one address, or one IPv6 network of 64 bits' -r
complete -c sshwhy -n "__fish_sshwhy_using_subcommand serve" -l penalty -d 'Seconds that a source waits for each connection which proved nothing, past the third; 0: nobody waits' -r
complete -c sshwhy -n "__fish_sshwhy_using_subcommand serve" -l network-user -d 'As root: the account that the process which speaks to the network runs as [default: _sshwhy where there is one, else nobody]' -r
complete -c sshwhy -n "__fish_sshwhy_using_subcommand serve" -l format -d 'Shape of the output' -r -f -a "text\t'For people'
json\t'One JSON document, schema sshwhy/1'"
complete -c sshwhy -n "__fish_sshwhy_using_subcommand serve" -l color -d 'When to use colour; NO_COLOR is honoured' -r -f -a "auto\t'On a terminal'
always\t'In any case'
never\t'In no case'"
complete -c sshwhy -n "__fish_sshwhy_using_subcommand serve" -l explain-only -d 'Let nobody in; tell the holder of a proven key what became of it (the default)'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand serve" -l session -d 'Open sessions for the account that runs this: shell, commands, sftp. Not as root'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand serve" -l like-sshd -d 'Decide by this machine\'s sshd_config, accounts and files'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand serve" -l run-commands -d 'Run AuthorizedKeysCommand and AuthorizedPrincipalsCommand as sshd would'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand serve" -l post-quantum -d 'Post-quantum key exchange alone (OpenSSH from 9.0, PuTTY from 0.78), as with --session by default'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand serve" -l classical -d 'With --session: a key exchange for older clients, too. What is recorded today may be read later'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand serve" -s v -l verbose -d 'Say more: every gate, the server, progress on standard error'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand serve" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand keys-for" -l file -d 'The key file; %u in it stands for the account' -r -F
complete -c sshwhy -n "__fish_sshwhy_using_subcommand keys-for" -l account -d 'The one account that this file is for; needed where FILE holds no %u. For any other nothing is printed' -r
complete -c sshwhy -n "__fish_sshwhy_using_subcommand keys-for" -l write-index -d 'Write the index of the account\'s file, beside it'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand keys-for" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand serve-session" -s h -l help -d 'Print help'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand serve-network" -s h -l help -d 'Print help'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand undo" -l root -d 'A mounted disk or an unpacked image' -r -f -a "(__fish_complete_directories)"
complete -c sshwhy -n "__fish_sshwhy_using_subcommand undo" -l journals -d 'Where the journals lie' -r -F
complete -c sshwhy -n "__fish_sshwhy_using_subcommand undo" -l format -d 'Shape of the output' -r -f -a "text\t'For people'
json\t'One JSON document, schema sshwhy/1'"
complete -c sshwhy -n "__fish_sshwhy_using_subcommand undo" -l color -d 'When to use colour; NO_COLOR is honoured' -r -f -a "auto\t'On a terminal'
always\t'In any case'
never\t'In no case'"
complete -c sshwhy -n "__fish_sshwhy_using_subcommand undo" -l list -d 'Show all runs'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand undo" -l keep -d 'Keep a run that waits to be confirmed: from a login that began after it'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand undo" -l dry-run -d 'Show what would go back and stop'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand undo" -l yes -d 'Take it back without a question'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand undo" -l no-reload -d 'Leave the running sshd alone'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand undo" -l watch -d 'Wait until a run\'s time is up, then take it back'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand undo" -l expired -d 'Take a run back whose time is up'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand undo" -l at-boot -d 'Take back every run that nobody confirmed before the reboot'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand undo" -s v -l verbose -d 'Say more: every gate, the server, progress on standard error'
complete -c sshwhy -n "__fish_sshwhy_using_subcommand undo" -s h -l help -d 'Print help (see more with \'--help\')'
