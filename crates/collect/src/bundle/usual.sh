H=$(awk -F: -v u="$U" '$1 == u { print $6; exit }' /etc/passwd); H=${H:-$(getent passwd "$U" | cut -d: -f6)}
base; n /; for q in /etc /etc/ssh /etc/pam.d /etc/ssh/sshd_config.d /etc/security "$H" "$H/.ssh"; do w "$q" n; d "$q"; done
for q in /etc/ssh/sshd_config /etc/ssh/sshd_config.d/*.conf /etc/pam.d/sshd /etc/pam.d/common-* /etc/pam.d/login /etc/pam.d/other /etc/pam.d/system-auth \
  /etc/pam.d/password-auth /etc/nologin /run/nologin /var/run/nologin /etc/shells /etc/hosts.allow /etc/hosts.deny /etc/login.defs \
  /etc/security/access.conf /etc/security/time.conf /etc/default/ssh /etc/services /etc/ssh/sshrc /etc/ssh/ssh_host_*_key /etc/ssh/ssh_host_*_key.pub /etc/environment \
  "$H/.ssh/authorized_keys" "$H/.ssh/authorized_keys2" "$H/.ssh/rc" "$H/.hushlogin"; do w "$q"; done
for q in $(awk -F: -v u="$U" '$1 == u { print $7; exit }' /etc/passwd) /bin/sh /usr/sbin/sshd /run/sshd /var/empty; do w "$q" n; done
t=$(cat /etc/ssh/sshd_config /etc/ssh/sshd_config.d/*.conf 2>/dev/null | sed 's/#.*//' | tr -s ' \t="' '\n' | grep / | sed "s|%h|$H|g; s|%u|$U|g; s|%U|$(id -u -- "$U")|g; s|%%|%|g")
set -f; for q in $t; do
  case $q in /*) ;; *) q=$H/$q ;; esac
  case $q in *[*?[]*) w "${q%/*}" n; d "${q%/*}"; set +f; for x in $q; do w "$x"; done; set -f ;; *) w "$q" ;; esac; done
