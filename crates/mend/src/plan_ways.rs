//! What a plan does about each cause: one row for each that something can be done about, or that
//! is somebody's decision. Any other cause is left to people, in the words of its own file.

/// The way a cause is taken away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Write bits of others and foreign owners go, as StrictModes wants it.
    Rights,
    /// sshd, acting as the account, may read the file or pass the directory.
    Access,
    /// The line is put right, with every option it has.
    Line,
    /// The whole file is put into the form that sshd reads.
    Text,
    /// The key named is added.
    AddKey,
    /// A regular file takes the place of what lies there.
    Regular,
    /// The policy's own label.
    Label,
    /// A line of sshd_config says what it was meant to say.
    Setting,
    /// Host keys that only root may read.
    HostKeys,
    /// sshd's own empty directory.
    PrivsepDir,
    /// The daemon reads what is on disk.
    Reload,
    /// Somebody decided it. The flag: with leave to weaken, the plan itself can undo it.
    Decision(bool),
    /// Left to people: the client, an authority, or a hand that knows what was meant.
    People,
}

const WAYS: &[(Way, &[&str])] = &[
    (
        Way::Rights,
        &[
            "home-writable",
            "keys-dir-writable",
            "parent-writable",
            "keys-file-writable",
            "acl-writable",
            "wrong-owner",
            "keys-command-unsafe",
        ],
    ),
    (Way::Access, &["keys-file-unreadable", "keys-file-central"]),
    (
        Way::Line,
        &[
            "key-line-wrapped",
            "key-line-truncated",
            "key-line-trailing-junk",
            "key-line-damaged",
            "key-lines-glued",
            "key-type-missing",
            "key-type-alone",
            "key-type-mismatch",
            "key-type-damaged",
            "key-type-case",
            "key-line-bom",
            "key-line-nbsp",
            "key-line-quoted",
            "key-line-leading-junk",
            "key-line-rfc4716",
            "key-line-pem",
            "key-line-certificate",
            "key-line-known-hosts",
            "key-line-tab",
            "key-line-blanks",
            "key-option-unquoted",
            "key-option-unterminated-quote",
            "key-option-space-in-list",
            "key-option-no-space-before-key",
            "key-option-unknown",
            "key-option-duplicate",
            "key-option-bad-value",
            "key-marked-cert-authority",
            "from-space-after-comma",
        ],
    ),
    (Way::Text, &["keys-file-utf16", "keys-file-cr-only"]),
    (
        Way::AddKey,
        &[
            "key-not-listed",
            "keys-file-missing",
            "keys-file-empty",
            "key-in-other-home",
            "keys-file-elsewhere",
            "keys-file-second-not-read",
            "keys-file-dangling-symlink",
        ],
    ),
    (Way::Regular, &["keys-file-not-regular"]),
    (Way::Label, &["selinux-label"]),
    (
        Way::Setting,
        &[
            "keys-file-tilde",
            "keys-file-dollar-home",
            "keys-file-comma",
            "keys-command-trailing-comment",
        ],
    ),
    (Way::HostKeys, &["hostkeys-unusable"]),
    (Way::PrivsepDir, &["privsep-dir-missing"]),
    (
        Way::Reload,
        &["sshd-config-not-reloaded", "sshd-upgraded-not-restarted"],
    ),
    (
        Way::Decision(true),
        &[
            "user-denied",
            "user-not-allowed",
            "user-not-allowed-from-host",
            "pubkey-authentication-off",
            "root-login-off",
            "root-login-forced-commands-only",
            "authentication-methods-exclude-publickey",
            "authentication-methods-order",
            "authentication-methods-need-more",
            "authentication-methods-unsatisfiable",
            "keys-file-none",
            "key-line-commented-out",
            "from-mismatch",
            "cert-alg-not-accepted",
            "signature-algorithm-not-accepted",
            "rsa-sha1-only-client",
            "ecdsa-curve-policy",
            "fips-or-crypto-policy",
            "refuse-connection",
        ],
    ),
    (
        Way::Decision(false),
        &[
            "group-denied",
            "group-not-allowed",
            "account-locked",
            "account-expired",
            "key-expired",
            "from-invalid",
            "from-only-negated",
            "key-option-principals-on-plain",
            "key-revoked",
            "ca-revoked",
            "revoked-keys-missing",
            "revoked-keys-unparsable",
            "revoked-keys-has-dsa",
            "rsa-key-too-short",
            "required-touch",
            "required-uv",
            "tcp-wrappers-denied",
            "max-startups",
            "per-source-max-startups",
            "per-source-penalty",
            "fail2ban-or-firewall-ban",
            "systemd-sandbox",
            "apparmor-denied",
            "shell-missing",
            "shell-not-executable",
            "shell-not-listed",
            "pam-access",
            "pam-account-expired",
            "pam-denied",
            "pam-listfile",
            "pam-nologin",
            "pam-password-expired-inactive",
            "pam-succeed-if",
            "pam-time",
            "nologin-file",
            "shell-nologin",
            "forced-command-surprise",
            "internal-sftp-only",
            "max-sessions",
            "cert-ca-not-trusted",
            "cert-principal-mismatch",
            "cert-principals-file",
            "cert-source-address",
            "cert-ca-sigalg",
        ],
    ),
];

/// What is done about a cause.
#[must_use]
pub fn way(cause: &str) -> Way {
    WAYS.iter()
        .find(|(_, ids)| ids.contains(&cause))
        .map_or(Way::People, |(way, _)| *way)
}

#[cfg(test)]
mod tests {
    use super::WAYS;
    use std::collections::BTreeSet;

    #[test]
    fn every_row_names_a_cause_of_the_catalogue_once() {
        let mut seen = BTreeSet::new();
        for id in WAYS.iter().flat_map(|(_, ids)| *ids) {
            assert!(sshwhy_causes::by_id(id).is_some(), "{id} is no cause");
            assert!(seen.insert(id), "{id} stands twice");
        }
    }
}
