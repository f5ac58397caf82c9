#!/bin/bash
# what-if over 500 accounts x 4 keys x the address classes of a 60-line configuration with 12 Match
# blocks: must take less than 2 seconds (release build).
#
#   bench/what-if.sh [SSHWHY]
set -eu
sshwhy=${1:-target/release/sshwhy}
dir=$(mktemp -d)
trap 'rm -rf -- "$dir"' EXIT
root=$dir/root
mkdir -p "$root/etc/ssh" "$root/etc/pam.d" "$root/bin" "$root/run/sshd" "$root/home"
cp /bin/sh "$root/bin/sh"
printf 'auth required pam_unix.so\naccount required pam_unix.so\n' > "$root/etc/pam.d/sshd"
ssh-keygen -q -t ed25519 -N '' -f "$root/etc/ssh/ssh_host_ed25519_key"
python3 - "$root" <<'PY'
import base64, os, struct, sys
root = sys.argv[1]
passwd = ["root:x:0:0::/root:/bin/sh", "sshd:x:101:65534::/run/sshd:/usr/sbin/nologin"]
group = ["root:x:0:", "devs:x:3000:" + ",".join(f"u{i}" for i in range(0, 500, 3))]
shadow = ["root:*:20000:0:99999:7:::"]
for i in range(500):
    uid = 10000 + i
    passwd.append(f"u{i}:x:{uid}:{uid}::/home/u{i}:/bin/sh")
    group.append(f"u{i}:x:{uid}:")
    shadow.append(f"u{i}:$6$x$y:20000:0:99999:7:::")
    ssh = f"{root}/home/u{i}/.ssh"
    os.makedirs(ssh)
    with open(ssh + "/authorized_keys", "w") as f:
        for k in range(4):
            raw = (i * 4 + k).to_bytes(4, "big") * 8
            blob = struct.pack(">I", 11) + b"ssh-ed25519" + struct.pack(">I", 32) + raw
            opts = 'from="10.9.0.0/16" ' if k == 3 else ""
            f.write(f"{opts}ssh-ed25519 {base64.b64encode(blob).decode()} u{i}-{k}\n")
    for path in (f"{root}/home/u{i}", ssh, ssh + "/authorized_keys"):
        try:
            os.chown(path, uid, uid)
        except PermissionError:
            pass
for name, lines in (("passwd", passwd), ("group", group), ("shadow", shadow)):
    with open(f"{root}/etc/{name}", "w") as f:
        f.write("\n".join(lines) + "\n")
def config(new):
    out = ["UsePAM no", "PasswordAuthentication yes", "KbdInteractiveAuthentication no"]
    out += [f"AcceptEnv V{i}" for i in range(21)]
    for i in range(12):
        what = [f"Address 10.{i}.0.0/16", "Group devs", f"User u{i}*", f"Address 192.168.{i}.0/24"][i % 4]
        flag = "no" if new and i % 3 == 0 else "yes"
        out += [f"Match {what}", f" PubkeyAuthentication {flag}", " X11Forwarding no"]
    assert len(out) == 60, len(out)
    return "\n".join(out) + "\n"
open(f"{root}/etc/ssh/sshd_config", "w").write(config(False))
open(f"{root}/../new", "w").write(config(True))
PY
# Wall time, and the processor time that does not hang on what else runs.
time -p "$sshwhy" what-if --root "$root" --build debian-12 --sshd-config "$dir/new" | tail -1
