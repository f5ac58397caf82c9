//! Names: key formats and public key algorithms, two types on purpose (RFC 8332 §3).

use alloc::borrow::ToOwned;
use alloc::vec::Vec;
use core::fmt;

/// The curve of an ECDSA key (RFC 5656 §10.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Curve {
    /// `nistp256`
    P256,
    /// `nistp384`
    P384,
    /// `nistp521`
    P521,
}

impl Curve {
    /// The curve's identifier inside a blob.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Curve::P256 => "nistp256",
            Curve::P384 => "nistp384",
            Curve::P521 => "nistp521",
        }
    }

    /// Size in bits, as `ssh-keygen -l` prints it.
    #[must_use]
    pub fn bits(self) -> u32 {
        match self {
            Curve::P256 => 256,
            Curve::P384 => 384,
            Curve::P521 => 521,
        }
    }

    /// Length of an uncompressed point in bytes.
    #[must_use]
    pub fn point_len(self) -> usize {
        match self {
            Curve::P256 => 65,
            Curve::P384 => 97,
            Curve::P521 => 133,
        }
    }
}

macro_rules! key_types {
    ($( $(#[$doc:meta])* $variant:ident / $cert:ident = $name:literal, $certname:literal, $short:literal; )*) => {
        /// The format of a key: the name that stands inside its blob.
        ///
        /// Whether a given sshd knows the format is not decided here.
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum KeyType {
            $( $(#[$doc])* $variant, #[doc = concat!("Certificate: `", $certname, "`")] $cert, )*
            /// A name this crate does not know, kept as it is.
            Other(Vec<u8>),
        }

        impl KeyType {
            /// Every format known here, plain ones and certificates.
            pub const ALL: &'static [KeyType] = &[$( KeyType::$variant, KeyType::$cert, )*];

            /// The format with exactly this name; case matters, as in sshd.
            #[must_use]
            pub fn from_name(name: &[u8]) -> KeyType {
                $( if name == $name.as_bytes() { return KeyType::$variant; }
                   if name == $certname.as_bytes() { return KeyType::$cert; } )*
                KeyType::Other(name.to_owned())
            }

            /// The name on the wire.
            #[must_use]
            pub fn name(&self) -> &[u8] {
                match self {
                    $( KeyType::$variant => $name.as_bytes(), KeyType::$cert => $certname.as_bytes(), )*
                    KeyType::Other(name) => name,
                }
            }

            /// The plain format of a certificate; any other format is its own.
            #[must_use]
            pub fn plain(&self) -> KeyType {
                match self {
                    $( KeyType::$variant | KeyType::$cert => KeyType::$variant, )*
                    KeyType::Other(name) => KeyType::Other(name.clone()),
                }
            }

            /// The certificate format of a plain one; `None` for unknown names.
            #[must_use]
            pub fn certificate(&self) -> Option<KeyType> {
                match self {
                    $( KeyType::$variant | KeyType::$cert => Some(KeyType::$cert), )*
                    KeyType::Other(_) => None,
                }
            }

            /// Whether this is a certificate format.
            #[must_use]
            pub fn is_cert(&self) -> bool {
                match self {
                    $( KeyType::$variant => false, KeyType::$cert => true, )*
                    KeyType::Other(_) => false,
                }
            }

            /// The short name `ssh-keygen -l` and sshd's log print: `RSA`, `ED25519-CERT`.
            #[must_use]
            pub fn short_name(&self) -> &'static str {
                match self {
                    $( KeyType::$variant => $short, KeyType::$cert => concat!($short, "-CERT"), )*
                    KeyType::Other(_) => "UNKNOWN",
                }
            }

            fn from_short_name(name: &[u8]) -> Option<KeyType> {
                // The first plain format with that short name, in sshd's order.
                $( if name.eq_ignore_ascii_case($short.as_bytes()) { return Some(KeyType::$variant); } )*
                None
            }
        }
    };
}

key_types! {
    /// `ssh-ed25519` (RFC 8709)
    Ed25519 / Ed25519Cert = "ssh-ed25519", "ssh-ed25519-cert-v01@openssh.com", "ED25519";
    /// `sk-ssh-ed25519@openssh.com` (PROTOCOL.u2f)
    SkEd25519 / SkEd25519Cert = "sk-ssh-ed25519@openssh.com", "sk-ssh-ed25519-cert-v01@openssh.com", "ED25519-SK";
    /// `ecdsa-sha2-nistp256` (RFC 5656)
    EcdsaP256 / EcdsaP256Cert = "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256-cert-v01@openssh.com", "ECDSA";
    /// `ecdsa-sha2-nistp384` (RFC 5656)
    EcdsaP384 / EcdsaP384Cert = "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp384-cert-v01@openssh.com", "ECDSA";
    /// `ecdsa-sha2-nistp521` (RFC 5656)
    EcdsaP521 / EcdsaP521Cert = "ecdsa-sha2-nistp521", "ecdsa-sha2-nistp521-cert-v01@openssh.com", "ECDSA";
    /// `sk-ecdsa-sha2-nistp256@openssh.com` (PROTOCOL.u2f)
    SkEcdsaP256 / SkEcdsaP256Cert = "sk-ecdsa-sha2-nistp256@openssh.com", "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com", "ECDSA-SK";
    /// `ssh-dss` (RFC 4253 §6.6)
    Dsa / DsaCert = "ssh-dss", "ssh-dss-cert-v01@openssh.com", "DSA";
    /// `ssh-rsa` (RFC 4253 §6.6)
    Rsa / RsaCert = "ssh-rsa", "ssh-rsa-cert-v01@openssh.com", "RSA";
    /// `ssh-ed448` (RFC 8709); OpenSSH never had it, PuTTY has
    Ed448 / Ed448Cert = "ssh-ed448", "ssh-ed448-cert-v01@openssh.com", "ED448";
    /// `ssh-mldsa44-ed25519`, as OpenSSH 10.6 writes it
    MlDsa44Ed25519 / MlDsa44Ed25519Cert = "ssh-mldsa44-ed25519", "ssh-mldsa44-ed25519-cert", "MLDSA44-ED25519";
    /// The same before its name was settled, in OpenSSH 10.4 and 10.5
    MlDsa44Ed25519Draft / MlDsa44Ed25519DraftCert = "ssh-mldsa44-ed25519@openssh.com", "ssh-mldsa44-ed25519-cert-v01@openssh.com", "MLDSA44-ED25519";
    /// `ssh-xmss@openssh.com`, never in a usual build, removed in OpenSSH 10.1
    Xmss / XmssCert = "ssh-xmss@openssh.com", "ssh-xmss-cert-v01@openssh.com", "XMSS";
}

impl KeyType {
    /// The format meant by the keytype field of a line (`peek_type_nid`).
    ///
    /// Besides the names of formats, sshd knows there the names of signature
    /// algorithms: `rsa-sha2-256 AAAAB3NzaC1yc2E…` is an RSA line.
    #[must_use]
    pub fn from_label(label: &[u8]) -> KeyType {
        match SigAlg::from_name(label) {
            SigAlg::Other(name) => KeyType::from_name(&name),
            known => known.key_type(),
        }
    }

    /// The format named inside a blob (`sshkey_type_from_name`), which is
    /// laxer than a line: besides [`KeyType::from_label`]'s names it takes the
    /// short names of plain formats, in any case.
    #[must_use]
    pub fn from_blob_name(name: &[u8]) -> KeyType {
        match KeyType::from_label(name) {
            KeyType::Other(name) => KeyType::from_short_name(&name).unwrap_or(KeyType::Other(name)),
            known => known,
        }
    }

    /// The curve, where the format has one.
    #[must_use]
    pub fn curve(&self) -> Option<Curve> {
        match self.plain() {
            KeyType::EcdsaP256 | KeyType::SkEcdsaP256 => Some(Curve::P256),
            KeyType::EcdsaP384 => Some(Curve::P384),
            KeyType::EcdsaP521 => Some(Curve::P521),
            _ => None,
        }
    }

    /// Whether the private key lives in a FIDO token.
    #[must_use]
    pub fn is_sk(&self) -> bool {
        matches!(self.plain(), KeyType::SkEd25519 | KeyType::SkEcdsaP256)
    }

    /// Whether a line labelled `label` with a blob of this format is whole in
    /// sshd's eyes (else `SSH_ERR_KEY_TYPE_MISMATCH`).
    #[must_use]
    pub fn matches_label(&self, label: &[u8]) -> bool {
        KeyType::from_label(label) == *self
    }

    /// The name of a certificate format of before OpenSSH 5.6, gone since 7.0.
    #[must_use]
    pub fn is_v00_name(name: &[u8]) -> bool {
        matches!(
            name,
            b"ssh-rsa-cert-v00@openssh.com" | b"ssh-dss-cert-v00@openssh.com"
        )
    }
}

impl fmt::Display for KeyType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A type that is not known may be anything that stood in its place.
        match self {
            KeyType::Other(name) => write!(f, "{}", crate::veil::veiled_name(name).escape_ascii()),
            _ => write!(f, "{}", self.name().escape_ascii()),
        }
    }
}

macro_rules! sig_algs {
    ($( $(#[$doc:meta])* $variant:ident = $name:literal => $key:ident; )*) => {
        /// A public key algorithm, as it stands in `USERAUTH_REQUEST`, in
        /// `server-sig-algs` and in PubkeyAcceptedAlgorithms.
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum SigAlg {
            $( $(#[$doc])* #[doc = concat!("`", $name, "`")] $variant, )*
            /// A name this crate does not know, kept as it is.
            Other(Vec<u8>),
        }

        impl SigAlg {
            /// Every algorithm known here.
            pub const ALL: &'static [SigAlg] = &[$( SigAlg::$variant, )*];

            /// The algorithm with exactly this name; case matters.
            #[must_use]
            pub fn from_name(name: &[u8]) -> SigAlg {
                $( if name == $name.as_bytes() { return SigAlg::$variant; } )*
                SigAlg::Other(name.to_owned())
            }

            /// The name on the wire.
            #[must_use]
            pub fn name(&self) -> &[u8] {
                match self {
                    $( SigAlg::$variant => $name.as_bytes(), )*
                    SigAlg::Other(name) => name,
                }
            }

            /// The key format this algorithm is used with.
            #[must_use]
            pub fn key_type(&self) -> KeyType {
                match self {
                    $( SigAlg::$variant => KeyType::$key, )*
                    SigAlg::Other(name) => KeyType::Other(name.clone()),
                }
            }
        }
    };
}

sig_algs! {
    Ed25519 = "ssh-ed25519" => Ed25519;
    Ed25519Cert = "ssh-ed25519-cert-v01@openssh.com" => Ed25519Cert;
    SkEd25519 = "sk-ssh-ed25519@openssh.com" => SkEd25519;
    SkEd25519Cert = "sk-ssh-ed25519-cert-v01@openssh.com" => SkEd25519Cert;
    EcdsaP256 = "ecdsa-sha2-nistp256" => EcdsaP256;
    EcdsaP256Cert = "ecdsa-sha2-nistp256-cert-v01@openssh.com" => EcdsaP256Cert;
    EcdsaP384 = "ecdsa-sha2-nistp384" => EcdsaP384;
    EcdsaP384Cert = "ecdsa-sha2-nistp384-cert-v01@openssh.com" => EcdsaP384Cert;
    EcdsaP521 = "ecdsa-sha2-nistp521" => EcdsaP521;
    EcdsaP521Cert = "ecdsa-sha2-nistp521-cert-v01@openssh.com" => EcdsaP521Cert;
    SkEcdsaP256 = "sk-ecdsa-sha2-nistp256@openssh.com" => SkEcdsaP256;
    SkEcdsaP256Cert = "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com" => SkEcdsaP256Cert;
    /// A browser's signature with a token key:
    WebauthnSkEcdsaP256 = "webauthn-sk-ecdsa-sha2-nistp256@openssh.com" => SkEcdsaP256;
    /// The same with a certificate (OpenSSH 10.3):
    WebauthnSkEcdsaP256Cert = "webauthn-sk-ecdsa-sha2-nistp256-cert-v01@openssh.com" => SkEcdsaP256Cert;
    Dsa = "ssh-dss" => Dsa;
    DsaCert = "ssh-dss-cert-v01@openssh.com" => DsaCert;
    /// RSA with SHA-1:
    RsaSha1 = "ssh-rsa" => Rsa;
    RsaSha1Cert = "ssh-rsa-cert-v01@openssh.com" => RsaCert;
    RsaSha256 = "rsa-sha2-256" => Rsa;
    RsaSha256Cert = "rsa-sha2-256-cert-v01@openssh.com" => RsaCert;
    RsaSha512 = "rsa-sha2-512" => Rsa;
    RsaSha512Cert = "rsa-sha2-512-cert-v01@openssh.com" => RsaCert;
    Ed448 = "ssh-ed448" => Ed448;
    MlDsa44Ed25519 = "ssh-mldsa44-ed25519" => MlDsa44Ed25519;
    MlDsa44Ed25519Cert = "ssh-mldsa44-ed25519-cert" => MlDsa44Ed25519Cert;
    MlDsa44Ed25519Draft = "ssh-mldsa44-ed25519@openssh.com" => MlDsa44Ed25519Draft;
    MlDsa44Ed25519DraftCert = "ssh-mldsa44-ed25519-cert-v01@openssh.com" => MlDsa44Ed25519DraftCert;
    Xmss = "ssh-xmss@openssh.com" => Xmss;
    XmssCert = "ssh-xmss-cert-v01@openssh.com" => XmssCert;
}

impl SigAlg {
    /// Whether a key of this format can be used with this algorithm.
    #[must_use]
    pub fn fits(&self, key: &KeyType) -> bool {
        self.key_type() == *key
    }

    /// The algorithms a key of this format can be used with, best first.
    /// Empty for formats without any known here.
    #[must_use]
    pub fn for_key(key: &KeyType) -> Vec<SigAlg> {
        let rank = |alg: &SigAlg| match alg {
            SigAlg::RsaSha512 | SigAlg::RsaSha512Cert => 0u8,
            SigAlg::RsaSha256 | SigAlg::RsaSha256Cert => 1,
            SigAlg::WebauthnSkEcdsaP256 | SigAlg::WebauthnSkEcdsaP256Cert => 3,
            _ => 2,
        };
        let mut algs: Vec<SigAlg> = SigAlg::ALL
            .iter()
            .filter(|a| a.fits(key))
            .cloned()
            .collect();
        algs.sort_by_key(rank);
        algs
    }

    /// Whether this is a certificate algorithm.
    #[must_use]
    pub fn is_cert(&self) -> bool {
        self.key_type().is_cert()
    }

    /// The algorithm of the signature itself: `rsa-sha2-256` for
    /// `rsa-sha2-256-cert-v01@openssh.com` (PROTOCOL.certkeys).
    #[must_use]
    pub fn plain(&self) -> SigAlg {
        match self {
            SigAlg::RsaSha256Cert => SigAlg::RsaSha256,
            SigAlg::RsaSha512Cert => SigAlg::RsaSha512,
            SigAlg::RsaSha1Cert => SigAlg::RsaSha1,
            SigAlg::WebauthnSkEcdsaP256Cert => SigAlg::WebauthnSkEcdsaP256,
            other if other.is_cert() => SigAlg::from_name(other.key_type().plain().name()),
            other => other.clone(),
        }
    }
}

impl fmt::Display for SigAlg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.name().escape_ascii())
    }
}
