"""What puttygen (for the public half, then for the private one) and ssh-keygen say about each case."""
import os, subprocess, tempfile

OPTIONS = {'right': 'correct horse', 'wrong': 'wrong', '-': ''}

def run(command):
    try:
        p = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=2,
                           env={'PATH': os.environ['PATH'], 'LC_ALL': 'C', 'HOME': '/nonexistent'})
    except subprocess.TimeoutExpired:
        return 'never ends'
    text = (p.stderr or b'').decode('latin-1').replace('\r', '').strip().split('\n')
    said = [l for l in text if l and not l.startswith('@@@')]
    if p.returncode == 0:
        return 'ok'
    return said[0][:160] if said else f'exit {p.returncode}'

print('file\tputtygen, public half\tputtygen, private half\tssh-keygen')
rows = [row.split('\t') for row in open('expected.tsv').read().splitlines()[1:]]
for name, passphrase in dict.fromkeys((row[0], row[1]) for row in rows):
    secret = OPTIONS[passphrase]
    with tempfile.TemporaryDirectory() as d:
        copy, word, out = os.path.join(d, 'FILE'), os.path.join(d, 'pass'), os.path.join(d, 'out')
        data = open(os.path.join('cases', name), 'rb').read()
        open(copy, 'wb').write(data)
        os.chmod(copy, 0o600)
        open(word, 'w').write(secret + '\n')
        open(os.path.join(d, 'none'), 'w').close()
        putty = [run(['puttygen', copy, '-L', '-o', out]),
                 run(['puttygen', copy, '-O', 'private-openssh' if 'ppk' in name else 'private', '-o', out, '--old-passphrase', word,
                      '--new-passphrase', os.path.join(d, 'none')])]
        if name.endswith(('.pub', '.keys')):
            ssh = run(['ssh-keygen', '-l', '-f', copy])
        else:
            ssh = run(['ssh-keygen', '-y', '-P', secret, '-f', copy])
        print('\t'.join([name] + [s.replace(d + '/', '').replace('\t', ' ') for s in putty + [ssh]]))
