//! The cheapest next test of each group of causes, and who makes it.

/// What to do next about a group of causes that the client cannot tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Advice {
    /// Who can: `you`, `the administrator`, `the CA`.
    pub whom: &'static str,
    /// The test, as a command or a look; `USER` stands for the account's name.
    pub test: &'static str,
}

const fn by(whom: &'static str, test: &'static str) -> Advice {
    Advice { whom, test }
}

const ADMIN: &str = "the administrator";

/// What to do next, by [`crate::Ranked::group`].
#[must_use]
pub fn advice(group: &str) -> Advice {
    match group {
        "rights" => by(
            ADMIN,
            "ls -ld / /home ~USER ~USER/.ssh ~USER/.ssh/authorized_keys",
        ),
        "line" | "options" => by(ADMIN, "sudo cat -A ~USER/.ssh/authorized_keys"),
        "missing" => by(ADMIN, "sudo ssh-keygen -lf ~USER/.ssh/authorized_keys"),
        "elsewhere" | "command" => by(ADMIN, "sudo sshd -T -C user=USER | grep -i authorizedkeys"),
        "access" => by(
            ADMIN,
            "sudo -u USER cat ~USER/.ssh/authorized_keys; ls -Z ~USER/.ssh",
        ),
        "account" => by(
            ADMIN,
            "getent passwd USER; sudo chage -l USER; sudo passwd -S USER",
        ),
        "policy" => by(
            ADMIN,
            "sudo sshd -T -C user=USER | grep -iE 'allow|deny|authentication'",
        ),
        "algorithm" => by("you", "try an Ed25519 key: ssh-keygen -t ed25519"),
        "certificate" => by(
            "you",
            "ssh-keygen -Lf the certificate, and ask the CA's keeper",
        ),
        "revocation" => by(ADMIN, "sudo sshd -T | grep -i revokedkeys"),
        "pam" => by(
            ADMIN,
            "sudo journalctl -t sshd -t sshd-session --since -10min",
        ),
        "client" => by(
            "you",
            "ssh -v, and compare the fingerprint that is offered with the listed one",
        ),
        "session" => by(
            ADMIN,
            "sudo journalctl -t sshd -t sshd-session --since -10min",
        ),
        "daemon" => by(ADMIN, "systemctl status ssh; sudo sshd -t"),
        _ => by(ADMIN, "sudo sshwhy audit --user USER"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weights::Model;

    #[test]
    fn each_group_has_a_test_of_its_own() {
        let other = advice("no such group");
        for row in &Model::built_in().rows {
            assert_ne!(advice(row.group), other, "{}", row.group);
        }
    }
}
