# sshwhy collect, for an administrator to read: it reads files, changes and installs nothing.
# Of shadow it takes the lock mark and the dates alone, of keys their public parts alone.
LC_ALL=C; export LC_ALL; PATH=$PATH:/usr/sbin:/sbin; U=@USER@
o() { printf '%s\n' "$*"; }
L='
'; N=$L; F=$L; R=$L
n() { # a node, links not followed, once
  case $N in *"$L$1$L"*) return ;; esac; N=$N$1$L
  s=$(stat -c '%f %u %g %s %h %Y' -- "$1" 2>&1) || {
    case $s in *'o such'*) o "@x none $1" ;; *'ot a dir'*) o "@x notdir $1" ;; *) o "@x denied $1" ;; esac; return 1; }
  a=-; case $(ls -ld -- "$1") in ??????????+*) a=+ ;; esac
  o "@n $s $a $1"; if [ -L "$1" ]; then o "@l $(readlink -- "$1")"; fi
  if [ $a = + ]; then getfacl -cnp -- "$1" 2>/dev/null | sed -n 's/^\([ugmo][a-z]*:[0-9]*:...\).*/@a \1/p'; fi; }
d() { # the names in a directory
  if l=$(ls -1A -- "$1" 2>/dev/null); then o "@d $1"; if [ -n "$l" ]; then o "$l" | sed 's/^/ /'; fi
  else o "@x nolist $1"; fi; }
g() { # a file without private keys and values of environment=
  sed -e '/BEGIN.*PRIVATE KEY/,/END.*PRIVATE KEY/{/----/!s/.*/(not shown)/;}' -e '/^Private-Lines/,/^Private-M/{/^Private-/!s/.*/(not shown)/;}' \
    -e 's/\([Ee][Nn][Vv][Ii][Rr][Oo][Nn][Mm][Ee][Nn][Tt]="[A-Za-z0-9_]*=\)\(\\"\|[^"]\)*"/\1(not shown)"/g' -- "$1"; }
s() { # whether its private key has an odd shape: then nothing of it is shown
  x() { tr -d '\000' <"$1" | grep -c "$2"; }
  if [ "$(x "$1" 'PRIVATE KEY\|Private-Lines')" = 0 ]; then return 1; fi
  [ "$(tr -d '\000' <"$1" | wc -c)" != "$(wc -c <"$1")" ] || [ "$(x "$1" 'PRIVATE KEY.*[A-Za-z0-9]')" != 0 ] ||
    [ "$(x "$1" 'BEGIN.*PRIVATE KEY')" != "$(x "$1" 'END.*PRIVATE KEY')" ] || [ "$(x "$1" '^Private-Lines')" != "$(x "$1" '^Private-M')" ]; }
f() { # a file and what is in it
  n "$1"; case $F in *"$L$1$L"*) return ;; esac; F=$F$1$L; if [ -L "$1" ] || [ ! -f "$1" ]; then return; fi
  if ! [ -r "$1" ]; then o "@x noread $1"; return; fi
  if [ "$(wc -c <"$1")" -gt 300000 ]; then o "@x big $1"; return; fi
  if s "$1"; then o "@x secret $1"; return; fi
  c=cat; if grep -qi 'PRIVATE KEY\|^Private-Lines\|environment=' -- "$1"; then c=g; fi; z=$($c "$1" | cksum)
  if [ "$($c "$1" | tr -d '\11\12\40-\176' | wc -c)" -eq 0 ] && [ -z "$($c "$1" | tail -c 1)" ]; then
    o "@t $z $1"; $c "$1" | sed 's/^/|/'
  else o "@h $z $1"; $c "$1" | od -An -v -tx1; fi; }
w() { # a path from / down, by its links too; $2: n or f, $3: how deep already
  i=${1%/*}; case $N in *"$L$i$L"*) ;; *) i=; for l in $(o "$1" | tr -s / ' '); do i=$i/$l; if [ "$i" != "$1" ]; then n "$i"; fi; done ;; esac
  ${2:-f} "$1"; if [ "${3-}" = xxxxx ]; then return; fi
  i=${1%/*}; case $R in *"$L$i$L"*) j=${i:-/} ;; *) j=$(readlink -f -- "${i:-/}"); if [ "$j" = "${i:-/}" ]; then R=$R$i$L; fi ;; esac; if [ "$j" != "${i:-/}" ] && [ -n "$j" ]; then w "${j%/}/${1##*/}" "${2:-f}" "${3-}x"; return; fi
  if [ -L "$1" ]; then j=$(readlink -- "$1"); case $j in /*) ;; *) j=$i/$j ;; esac; w "$j" "${2:-f}" "${3-}x"; fi; }
p() { # a process
  o "@p $(cat "/proc/$1/stat")"; tr '\000' '\n' <"/proc/$1/cmdline" | sed 's/^/ /'; }
k() { awk -F: -v OFS=: '{ m = substr($2, 1, 1); if ($2 != "x" && m != "" && m != "!" && m != "*") m = "s"; $2 = m; if (NF == 7) $5 = ""; print " " $0 }'; }
base() {
  o "@sshwhy 1 $(id -u) $(date +%s) $(date +%z) ${SSH_CONNECTION:--}"
  v=$(dpkg-query -W -f '${Version}' openssh-server 2>/dev/null); if [ -n "$v" ]; then o "@k $v"; fi
  o "@v $(sshd -V 2>&1 | grep -o 'OpenSSH_[^,]*' | tail -n 1)"
  o "@o $(sed -n 's/^ID=//p' /etc/os-release) $(sed -n 's/^VERSION_ID=//p' /etc/os-release) $(sed -n 's/^ID_LIKE=//p' /etc/os-release)"
  o "@i $(readlink -- /etc/localtime || o -)"
  o @passwd; { getent passwd || cat /etc/passwd; } 2>/dev/null | k
  o @group; { getent group || cat /etc/group; } 2>/dev/null | k
  if s=$({ getent shadow "$U" || grep "^$U:" /etc/shadow; } 2>/dev/null); then o "@shadow yes"; o "$s" | k
  elif [ -r /etc/shadow ] || [ ! -e /etc/shadow ]; then o "@shadow yes"; else o "@shadow no"; fi
  o "@groups $(id -G -- "$U" 2>/dev/null)"
  o "@mac $(cat /sys/fs/selinux/enforce 2>/dev/null || o -) $(if [ -d /sys/kernel/security/apparmor ]; then grep -c sshd /sys/kernel/security/apparmor/profiles 2>/dev/null || o '?'; else o -; fi)"
  if [ -d /run/systemd/system ]; then o "@unit"; systemctl show ssh.service sshd.service -p ProtectHome -p InaccessiblePaths -p TemporaryFileSystem -p RootDirectory -p RootImage 2>/dev/null | sed 's/^/ /'; fi
  o "@boot $(sed -n 's/^btime //p' /proc/stat) $(getconf CLK_TCK) $(stat -c %Y /run/sshd.pid 2>/dev/null || o -) $(cat /run/sshd.pid 2>/dev/null || o -)"
  x=$$; y=; while [ "${x:-0}" -gt 1 ]; do
    if [ "$(cat "/proc/$x/comm" 2>/dev/null)" = sshd ]; then p "$x"; y=1; fi
    x=$(sed -n 's/^PPid:[^0-9]*//p' "/proc/$x/status" 2>/dev/null); done
  if [ -z "$y" ]; then for x in $(grep -lx sshd /proc/[0-9]*/comm 2>/dev/null); do x=${x#/proc/}; p "${x%/comm}"; done; fi; } 2>/dev/null
