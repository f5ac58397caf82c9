//! The scenario files, as they were when this was built.

macro_rules! files {
    ($($name:literal)*) => {
        /// Stage and id with the text, sorted by id. A test holds the list to the folder.
        pub(super) const FILES: &[(&str, &str)] = &[
            $(($name, include_str!(concat!("../../../../scenarios/", $name, ".md")))),*
        ];
    };
}

files! {
    "account/account-expired"
    "account/account-locked"
    "authorized_keys/acl-writable"
    "authorized_keys/apparmor-denied"
    "method/authentication-methods-exclude-publickey"
    "method/authentication-methods-need-more"
    "method/authentication-methods-order"
    "method/authentication-methods-unsatisfiable"
    "signature/bad-signature"
    "certificate/ca-file-bad-line-first"
    "certificate/ca-file-missing"
    "revocation/ca-revoked"
    "algorithm/cert-alg-not-accepted"
    "certificate/cert-bad-signature"
    "certificate/cert-ca-not-trusted"
    "certificate/cert-ca-sigalg"
    "certificate/cert-critical-option-unknown"
    "certificate/cert-expired"
    "certificate/cert-is-host"
    "certificate/cert-no-principals"
    "certificate/cert-not-yet-valid"
    "certificate/cert-old-v00"
    "certificate/cert-options-conflict"
    "certificate/cert-principal-mismatch"
    "certificate/cert-principals-command"
    "certificate/cert-principals-file"
    "certificate/cert-source-address"
    "after_auth/chroot-bad-ownership"
    "after_auth/chroot-missing"
    "after_auth/chroot-no-shell"
    "after_auth/chroot-not-absolute"
    "algorithm/dsa-key"
    "algorithm/ecdsa-curve-policy"
    "algorithm/fips-or-crypto-policy"
    "after_auth/force-command-fails"
    "after_auth/forced-command-surprise"
    "authorized_keys/from-invalid"
    "authorized_keys/from-mismatch"
    "authorized_keys/from-only-negated"
    "authorized_keys/from-space-after-comma"
    "account/group-denied"
    "account/group-not-allowed"
    "after_auth/home-missing"
    "authorized_keys/home-missing-or-unmounted"
    "authorized_keys/home-writable"
    "connect/hostkeys-unusable"
    "after_auth/internal-sftp-only"
    "connect/kex-no-common"
    "authorized_keys/key-expired"
    "authorized_keys/key-in-other-home"
    "authorized_keys/key-line-blanks"
    "authorized_keys/key-line-bom"
    "authorized_keys/key-line-certificate"
    "authorized_keys/key-line-commented-out"
    "authorized_keys/key-line-damaged"
    "authorized_keys/key-line-known-hosts"
    "authorized_keys/key-line-leading-junk"
    "authorized_keys/key-line-nbsp"
    "authorized_keys/key-line-pem"
    "authorized_keys/key-line-ppk"
    "authorized_keys/key-line-private-key"
    "authorized_keys/key-line-quoted"
    "authorized_keys/key-line-rfc4716"
    "authorized_keys/key-line-shadowed"
    "authorized_keys/key-line-ssh1"
    "authorized_keys/key-line-tab"
    "authorized_keys/key-line-too-long"
    "authorized_keys/key-line-trailing-junk"
    "authorized_keys/key-line-truncated"
    "authorized_keys/key-line-wrapped"
    "authorized_keys/key-lines-glued"
    "authorized_keys/key-marked-cert-authority"
    "authorized_keys/key-not-listed"
    "authorized_keys/key-option-bad-value"
    "authorized_keys/key-option-duplicate"
    "authorized_keys/key-option-no-space-before-key"
    "authorized_keys/key-option-principals-on-plain"
    "authorized_keys/key-option-space-in-list"
    "authorized_keys/key-option-unknown"
    "authorized_keys/key-option-unquoted"
    "authorized_keys/key-option-unterminated-quote"
    "revocation/key-revoked"
    "authorized_keys/key-type-alone"
    "authorized_keys/key-type-case"
    "authorized_keys/key-type-damaged"
    "authorized_keys/key-type-mismatch"
    "authorized_keys/key-type-missing"
    "algorithm/key-type-unsupported-by-version"
    "authorized_keys/keys-command-bad-output"
    "authorized_keys/keys-command-failed"
    "authorized_keys/keys-command-missing"
    "authorized_keys/keys-command-not-executable"
    "authorized_keys/keys-command-trailing-comment"
    "authorized_keys/keys-command-unsafe"
    "authorized_keys/keys-command-user-missing"
    "authorized_keys/keys-dir-writable"
    "authorized_keys/keys-file-bad-token"
    "authorized_keys/keys-file-central"
    "authorized_keys/keys-file-comma"
    "authorized_keys/keys-file-cr-only"
    "authorized_keys/keys-file-dangling-symlink"
    "authorized_keys/keys-file-dollar-home"
    "authorized_keys/keys-file-elsewhere"
    "authorized_keys/keys-file-empty"
    "authorized_keys/keys-file-glob"
    "authorized_keys/keys-file-missing"
    "authorized_keys/keys-file-none"
    "authorized_keys/keys-file-not-regular"
    "authorized_keys/keys-file-second-not-read"
    "authorized_keys/keys-file-tilde"
    "authorized_keys/keys-file-unreadable"
    "authorized_keys/keys-file-utf16"
    "authorized_keys/keys-file-writable"
    "method/keyword-shadowed"
    "method/max-auth-tries-zero"
    "after_auth/max-sessions"
    "after_auth/nologin-file"
    "offer/other-key-offered"
    "signature/pam-access"
    "signature/pam-account-expired"
    "signature/pam-denied"
    "signature/pam-listfile"
    "signature/pam-no-shadow-entry"
    "signature/pam-nologin"
    "signature/pam-password-expired-inactive"
    "signature/pam-service-missing"
    "after_auth/pam-session-failed"
    "signature/pam-succeed-if"
    "signature/pam-time"
    "authorized_keys/parent-writable"
    "after_auth/password-expired-forced-change"
    "connect/privsep-dir-missing"
    "connect/privsep-user-missing"
    "method/pubkey-authentication-off"
    "after_auth/rc-file-exit"
    "connect/refuse-connection"
    "signature/required-touch"
    "signature/required-uv"
    "revocation/revoked-keys-has-dsa"
    "revocation/revoked-keys-missing"
    "revocation/revoked-keys-unparsable"
    "after_auth/root-cloud-image-banner"
    "signature/root-login-forced-commands-only"
    "signature/root-login-off"
    "algorithm/rsa-key-below-1024"
    "algorithm/rsa-key-too-short"
    "algorithm/rsa-sha1-only-client"
    "algorithm/rsa-sha2-list-bug"
    "authorized_keys/selinux-label"
    "after_auth/setuid-resource-limit"
    "after_auth/sftp-subsystem-missing"
    "after_auth/shell-exec-fails"
    "account/shell-missing"
    "after_auth/shell-nologin"
    "account/shell-not-executable"
    "account/shell-not-listed"
    "algorithm/signature-algorithm-not-accepted"
    "connect/sshd-config-invalid"
    "connect/sshd-config-not-reloaded"
    "connect/sshd-not-running"
    "connect/sshd-upgraded-not-restarted"
    "authorized_keys/systemd-sandbox"
    "connect/tcp-wrappers-denied"
    "account/user-denied"
    "account/user-not-allowed"
    "account/user-not-allowed-from-host"
    "account/user-not-in-any-group"
    "account/user-suffix-stripped"
    "account/user-unknown"
    "authorized_keys/wrong-owner"
}

/// The scenario file of a cause.
pub(super) fn of(id: &str) -> Option<&'static str> {
    let named = |(name, _): &&(&str, &str)| name.rsplit('/').next() == Some(id);
    FILES.iter().find(named).map(|(_, text)| *text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    #[test]
    fn every_scenario_file_is_embedded() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios");
        let mut there = BTreeSet::new();
        for stage in fs::read_dir(&root).unwrap().flatten() {
            for file in fs::read_dir(stage.path()).into_iter().flatten().flatten() {
                let stage = stage.file_name().into_string().unwrap();
                let file = file.file_name().into_string().unwrap();
                if let Some(id) = file.strip_suffix(".md").filter(|id| *id != "README") {
                    there.insert(format!("{stage}/{id}"));
                }
            }
        }
        let ours: BTreeSet<String> = FILES.iter().map(|(n, _)| (*n).to_owned()).collect();
        assert_eq!(ours, there);
    }
}
