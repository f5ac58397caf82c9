//! Key type names as they stand at the start of a line, and what kind of key each promises.

/// What a key type name stands for: `sshkey`'s type number, the same for `ssh-rsa` and `rsa-sha2-256`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// RSA.
    Rsa,
    /// DSA (gone from OpenSSH 10.0).
    Dsa,
    /// ECDSA on one of the NIST curves.
    Ecdsa,
    /// Ed25519.
    Ed25519,
    /// ECDSA P-256 in a FIDO token.
    EcdsaSk,
    /// Ed25519 in a FIDO token.
    Ed25519Sk,
    /// ML-DSA-44 with Ed25519 (OpenSSH 10.4, experimental).
    Mldsa44Ed25519,
}

/// One key type name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Label {
    /// The name as written, case-sensitive.
    pub name: &'static str,
    /// The kind of key it stands for.
    pub kind: Kind,
    /// True for the `-cert-v01@openssh.com` names.
    pub cert: bool,
    /// The curve the name promises (`nistp256`…), for ECDSA.
    pub curve: Option<&'static str>,
}

const fn l(name: &'static str, kind: Kind, cert: bool, curve: Option<&'static str>) -> Label {
    Label {
        name,
        kind,
        cert,
        curve,
    }
}

const P256: Option<&str> = Some("nistp256");
const P384: Option<&str> = Some("nistp384");
const P521: Option<&str> = Some("nistp521");

/// Every name any build knows; `LabelSet` says which of them one build has.
pub static LABELS: [Label; 23] = [
    l("ssh-ed25519", Kind::Ed25519, false, None),
    l("ssh-rsa", Kind::Rsa, false, None),
    l("ecdsa-sha2-nistp256", Kind::Ecdsa, false, P256),
    l("ecdsa-sha2-nistp384", Kind::Ecdsa, false, P384),
    l("ecdsa-sha2-nistp521", Kind::Ecdsa, false, P521),
    l("ssh-dss", Kind::Dsa, false, None),
    l("sk-ssh-ed25519@openssh.com", Kind::Ed25519Sk, false, None),
    l(
        "sk-ecdsa-sha2-nistp256@openssh.com",
        Kind::EcdsaSk,
        false,
        P256,
    ),
    l(
        "webauthn-sk-ecdsa-sha2-nistp256@openssh.com",
        Kind::EcdsaSk,
        false,
        P256,
    ),
    l("rsa-sha2-256", Kind::Rsa, false, None),
    l("rsa-sha2-512", Kind::Rsa, false, None),
    l(
        "ssh-ed25519-cert-v01@openssh.com",
        Kind::Ed25519,
        true,
        None,
    ),
    l("ssh-rsa-cert-v01@openssh.com", Kind::Rsa, true, None),
    l(
        "ecdsa-sha2-nistp256-cert-v01@openssh.com",
        Kind::Ecdsa,
        true,
        P256,
    ),
    l(
        "ecdsa-sha2-nistp384-cert-v01@openssh.com",
        Kind::Ecdsa,
        true,
        P384,
    ),
    l(
        "ecdsa-sha2-nistp521-cert-v01@openssh.com",
        Kind::Ecdsa,
        true,
        P521,
    ),
    l("ssh-dss-cert-v01@openssh.com", Kind::Dsa, true, None),
    l(
        "sk-ssh-ed25519-cert-v01@openssh.com",
        Kind::Ed25519Sk,
        true,
        None,
    ),
    l(
        "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com",
        Kind::EcdsaSk,
        true,
        P256,
    ),
    l("rsa-sha2-256-cert-v01@openssh.com", Kind::Rsa, true, None),
    l("rsa-sha2-512-cert-v01@openssh.com", Kind::Rsa, true, None),
    l(
        "ssh-mldsa44-ed25519@openssh.com",
        Kind::Mldsa44Ed25519,
        false,
        None,
    ),
    l("ssh-mldsa44-ed25519", Kind::Mldsa44Ed25519, false, None),
];

/// The label of exactly this name among all known ones.
pub fn by_name(name: &[u8]) -> Option<&'static Label> {
    LABELS.iter().find(|l| l.name.as_bytes() == name)
}

/// Which labels a build has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LabelSet(u32);

impl LabelSet {
    /// The set of all labels for which `keep` is true.
    pub fn of(keep: impl Fn(&Label) -> bool) -> Self {
        let mut bits = 0;
        for (i, label) in LABELS.iter().enumerate() {
            if keep(label) {
                bits |= 1 << i;
            }
        }
        Self(bits)
    }

    /// OpenSSH `major.minor`, from 7.0 on.
    pub fn openssh(major: u16, minor: u16) -> Self {
        let v = (major, minor);
        Self::of(|l| match l.kind {
            Kind::Rsa => match l.name {
                "rsa-sha2-256" | "rsa-sha2-512" => v >= (7, 2),
                "rsa-sha2-256-cert-v01@openssh.com" | "rsa-sha2-512-cert-v01@openssh.com" => {
                    v >= (7, 8)
                }
                _ => true,
            },
            Kind::Ecdsa | Kind::Ed25519 => true,
            // Off by default in 9.8 and 9.9, impossible from 10.0.
            Kind::Dsa => v < (9, 8),
            Kind::Ed25519Sk => v >= (8, 2),
            Kind::EcdsaSk => v >= (8, 2) && (!l.name.starts_with("webauthn") || v >= (8, 4)),
            // 10.6 settled the name.
            Kind::Mldsa44Ed25519 => v >= (10, 4) && (v < (10, 6)) == l.name.contains('@'),
        })
    }

    /// The key types of an ordinary Dropbear build.
    pub fn dropbear() -> Self {
        Self::of(|l| {
            !l.cert
                && !matches!(l.kind, Kind::Mldsa44Ed25519)
                && !l.name.starts_with("rsa-sha2")
                && !l.name.starts_with("webauthn")
        })
    }

    /// The same set with every label of `kind` put in (a build with DSA) or taken out.
    #[must_use]
    pub fn with(self, kind: Kind, present: bool) -> Self {
        let of_kind = Self::of(|l| l.kind == kind).0;
        Self(if present {
            self.0 | of_kind
        } else {
            self.0 & !of_kind
        })
    }

    /// The label of exactly this name, when the build has it (`peek_type_nid`).
    pub fn find(self, name: &[u8]) -> Option<&'static Label> {
        LABELS
            .iter()
            .enumerate()
            .find(|(i, l)| self.0 >> i & 1 == 1 && l.name.as_bytes() == name)
            .map(|(_, l)| l)
    }

    /// True when the build has this label.
    pub fn has(self, label: &Label) -> bool {
        self.find(label.name.as_bytes()).is_some()
    }
}
