//! Default values by version (`fill_default_server_options`, `myproposal.h`, `sshkey.c: keyimpls[]`) and vendor.

use alloc::vec::Vec;

use crate::dialect::{Features, Vendor, Version};
use crate::keyword::Kw;

struct Row(Kw, Version, &'static str);

const OLD: Version = Version::new(0, 0, 0);
const fn v(major: u16, minor: u16) -> Version {
    Version::new(major, minor, 0)
}

/// Later rows of a keyword replace earlier ones from their version on.
static VALUES: &[Row] = &[
    Row(Kw::Port, OLD, "22"),
    Row(Kw::AddressFamily, OLD, "any"),
    Row(Kw::UsePAM, OLD, "no"),
    Row(Kw::PAMServiceName, OLD, "sshd"),
    Row(Kw::LoginGraceTime, OLD, "120"),
    Row(Kw::X11DisplayOffset, OLD, "10"),
    Row(Kw::MaxAuthTries, OLD, "6"),
    Row(Kw::MaxSessions, OLD, "10"),
    Row(Kw::ClientAliveInterval, OLD, "0"),
    Row(Kw::ClientAliveCountMax, OLD, "3"),
    Row(Kw::RequiredRSASize, OLD, "1024"),
    Row(Kw::StreamLocalBindMask, OLD, "0177"),
    Row(Kw::UnusedConnectionTimeout, OLD, "0"),
    Row(Kw::PermitRootLogin, OLD, "prohibit-password"),
    Row(Kw::IgnoreRhosts, OLD, "yes"),
    Row(Kw::IgnoreUserKnownHosts, OLD, "no"),
    Row(Kw::HostbasedAuthentication, OLD, "no"),
    Row(Kw::HostbasedUsesNameFromPacketOnly, OLD, "no"),
    Row(Kw::PubkeyAuthentication, OLD, "yes"),
    Row(Kw::KerberosAuthentication, OLD, "no"),
    Row(Kw::KerberosOrLocalPasswd, OLD, "yes"),
    Row(Kw::KerberosTicketCleanup, OLD, "yes"),
    Row(Kw::KerberosGetAFSToken, OLD, "no"),
    Row(Kw::GSSAPIAuthentication, OLD, "no"),
    Row(Kw::GSSAPICleanupCredentials, OLD, "yes"),
    Row(Kw::GSSAPIKeyExchange, OLD, "no"),
    Row(Kw::GSSAPIStrictAcceptorCheck, OLD, "yes"),
    Row(Kw::GSSAPIStoreCredentialsOnRekey, OLD, "no"),
    Row(Kw::GSSAPIDelegateCredentials, OLD, "yes"),
    Row(
        Kw::GSSAPIKexAlgorithms,
        OLD,
        "gss-group14-sha256-,gss-group16-sha512-,gss-nistp256-sha256-,gss-curve25519-sha256-,gss-group14-sha1-,gss-gex-sha1-",
    ),
    Row(Kw::GSSAPIEnablek5users, OLD, "no"),
    Row(Kw::KerberosUseKuserok, OLD, "yes"),
    Row(Kw::KerberosUniqueCCache, OLD, "no"),
    Row(Kw::PasswordAuthentication, OLD, "yes"),
    Row(Kw::KbdInteractiveAuthentication, OLD, "no"),
    Row(Kw::KbdInteractiveAuthentication, v(8, 7), "yes"),
    Row(Kw::ChallengeResponseAuthentication, OLD, "yes"),
    Row(Kw::PrintMotd, OLD, "yes"),
    Row(Kw::PrintLastLog, OLD, "yes"),
    Row(Kw::X11Forwarding, OLD, "no"),
    Row(Kw::X11UseLocalhost, OLD, "yes"),
    Row(Kw::PermitTTY, OLD, "yes"),
    Row(Kw::PermitUserRC, OLD, "yes"),
    Row(Kw::StrictModes, OLD, "yes"),
    Row(Kw::TCPKeepAlive, OLD, "yes"),
    Row(Kw::PermitEmptyPasswords, OLD, "no"),
    Row(Kw::Compression, OLD, "yes"),
    Row(Kw::GatewayPorts, OLD, "no"),
    Row(Kw::UseDNS, OLD, "no"),
    Row(Kw::AllowTcpForwarding, OLD, "yes"),
    Row(Kw::AllowAgentForwarding, OLD, "yes"),
    Row(Kw::DisableForwarding, OLD, "no"),
    Row(Kw::AllowStreamLocalForwarding, OLD, "yes"),
    Row(Kw::StreamLocalBindUnlink, OLD, "no"),
    Row(Kw::FingerprintHash, OLD, "SHA256"),
    Row(Kw::ExposeAuthInfo, OLD, "no"),
    Row(Kw::WarnWeakCrypto, OLD, "yes"),
    Row(Kw::RefuseConnection, OLD, "no"),
    Row(Kw::DebianBanner, OLD, "yes"),
    Row(Kw::PidFile, OLD, "/run/sshd.pid"),
    Row(Kw::ModuliFile, OLD, "/etc/ssh/moduli"),
    Row(Kw::XAuthLocation, OLD, "/usr/bin/xauth"),
    Row(
        Kw::Ciphers,
        OLD,
        "chacha20-poly1305@openssh.com,aes128-ctr,aes192-ctr,aes256-ctr,aes128-gcm@openssh.com,aes256-gcm@openssh.com",
    ),
    Row(
        Kw::Ciphers,
        v(10, 0),
        "chacha20-poly1305@openssh.com,aes128-gcm@openssh.com,aes256-gcm@openssh.com,aes128-ctr,aes192-ctr,aes256-ctr",
    ),
    Row(
        Kw::Macs,
        OLD,
        "umac-64-etm@openssh.com,umac-128-etm@openssh.com,hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com,hmac-sha1-etm@openssh.com,umac-64@openssh.com,umac-128@openssh.com,hmac-sha2-256,hmac-sha2-512,hmac-sha1",
    ),
    Row(
        Kw::KexAlgorithms,
        OLD,
        "curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-nistp384,ecdh-sha2-nistp521,diffie-hellman-group-exchange-sha256,diffie-hellman-group16-sha512,diffie-hellman-group18-sha512,diffie-hellman-group14-sha256,diffie-hellman-group14-sha1",
    ),
    Row(
        Kw::KexAlgorithms,
        v(8, 2),
        "curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-nistp384,ecdh-sha2-nistp521,diffie-hellman-group-exchange-sha256,diffie-hellman-group16-sha512,diffie-hellman-group18-sha512,diffie-hellman-group14-sha256",
    ),
    Row(
        Kw::KexAlgorithms,
        v(8, 9),
        "curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-nistp384,ecdh-sha2-nistp521,sntrup761x25519-sha512@openssh.com,diffie-hellman-group-exchange-sha256,diffie-hellman-group16-sha512,diffie-hellman-group18-sha512,diffie-hellman-group14-sha256",
    ),
    Row(
        Kw::KexAlgorithms,
        v(9, 0),
        "sntrup761x25519-sha512@openssh.com,curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-nistp384,ecdh-sha2-nistp521,diffie-hellman-group-exchange-sha256,diffie-hellman-group16-sha512,diffie-hellman-group18-sha512,diffie-hellman-group14-sha256",
    ),
    Row(
        Kw::KexAlgorithms,
        v(9, 9),
        "sntrup761x25519-sha512,sntrup761x25519-sha512@openssh.com,mlkem768x25519-sha256,curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-nistp384,ecdh-sha2-nistp521,diffie-hellman-group-exchange-sha256,diffie-hellman-group16-sha512,diffie-hellman-group18-sha512,diffie-hellman-group14-sha256",
    ),
    Row(
        Kw::KexAlgorithms,
        v(10, 0),
        "mlkem768x25519-sha256,sntrup761x25519-sha512,sntrup761x25519-sha512@openssh.com,curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-nistp384,ecdh-sha2-nistp521",
    ),
    Row(Kw::SecurityKeyProvider, OLD, "internal"),
    Row(Kw::SshdSessionPath, OLD, "/usr/libexec/sshd-session"),
    Row(Kw::SshdAuthPath, OLD, "/usr/libexec/sshd-auth"),
    Row(Kw::AgentSocketPath, OLD, "user:.ssh/agent"),
    Row(Kw::LogLevel, OLD, "INFO"),
    Row(Kw::SyslogFacility, OLD, "AUTH"),
    Row(
        Kw::AuthorizedKeysFile,
        OLD,
        ".ssh/authorized_keys .ssh/authorized_keys2",
    ),
    Row(
        Kw::HostKey,
        OLD,
        "/etc/ssh/ssh_host_rsa_key /etc/ssh/ssh_host_ecdsa_key /etc/ssh/ssh_host_ed25519_key",
    ),
    Row(Kw::MaxStartups, OLD, "10:30:100"),
    Row(Kw::PerSourceMaxStartups, OLD, "none"),
    Row(Kw::PerSourceNetBlockSize, OLD, "32:128"),
    Row(Kw::PermitTunnel, OLD, "no"),
    Row(Kw::IPQoS, OLD, "lowdelay throughput"),
    Row(Kw::IPQoS, v(7, 8), "af21 cs1"),
    Row(Kw::IPQoS, v(10, 1), "ef cs0"),
    Row(Kw::RekeyLimit, OLD, "0 0"),
    Row(Kw::PermitUserEnvironment, OLD, "no"),
    Row(Kw::UsePrivilegeSeparation, OLD, "sandbox"),
];

static DEBIAN: &[Row] = &[
    // The name of 9.9, carried back.
    Row(
        Kw::KexAlgorithms,
        v(9, 2),
        "sntrup761x25519-sha512,sntrup761x25519-sha512@openssh.com,curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-nistp384,ecdh-sha2-nistp521,diffie-hellman-group-exchange-sha256,diffie-hellman-group16-sha512,diffie-hellman-group18-sha512,diffie-hellman-group14-sha256",
    ),
    Row(
        Kw::KexAlgorithms,
        v(9, 9),
        "sntrup761x25519-sha512,sntrup761x25519-sha512@openssh.com,mlkem768x25519-sha256,curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-nistp384,ecdh-sha2-nistp521,diffie-hellman-group-exchange-sha256,diffie-hellman-group16-sha512,diffie-hellman-group18-sha512,diffie-hellman-group14-sha256",
    ),
    Row(
        Kw::KexAlgorithms,
        v(10, 0),
        "mlkem768x25519-sha256,sntrup761x25519-sha512,sntrup761x25519-sha512@openssh.com,curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-nistp384,ecdh-sha2-nistp521",
    ),
    Row(Kw::IPQoS, OLD, "lowdelay throughput"),
    Row(Kw::IPQoS, v(10, 0), "ef cs1"),
    Row(Kw::IPQoS, v(10, 1), "ef cs0"),
    Row(Kw::SshdSessionPath, OLD, "/usr/lib/openssh/sshd-session"),
    Row(Kw::SshdAuthPath, OLD, "/usr/lib/openssh/sshd-auth"),
];

/// The default of every keyword that has one, for one build.
pub(crate) fn values(version: Version, vendor: Vendor) -> Vec<(Kw, &'static str)> {
    let mut out: Vec<(Kw, &'static str)> = Vec::new();
    let vendor_rows: &[Row] = if vendor == Vendor::Debian {
        DEBIAN
    } else {
        &[]
    };
    for &Row(kw, since, text) in VALUES.iter().chain(vendor_rows) {
        if since > version {
            continue;
        }
        match out.iter_mut().find(|(key, _)| *key == kw) {
            Some(slot) => slot.1 = text,
            None => out.push((kw, text)),
        }
    }
    out
}

#[derive(Clone, Copy, PartialEq)]
enum Needs {
    Nothing,
    Dsa,
    SecurityKeys,
    /// Under the names of 10.4 and 10.5.
    MldsaDraft,
    Mldsa,
}

struct Alg(&'static str, Needs, Version);

impl Alg {
    fn in_build(&self, version: Version, features: &Features) -> bool {
        self.2 <= version
            && match self.1 {
                Needs::Nothing => true,
                Needs::Dsa => features.dsa,
                Needs::SecurityKeys => features.security_keys,
                Needs::MldsaDraft => features.mldsa && version < v(10, 6),
                Needs::Mldsa => features.mldsa,
            }
    }
}

/// Internal order, which wildcards expand to. 9.1 and older list RSA before ECDSA.
static IMPLEMENTED: &[Alg] = &[
    Alg("ssh-ed25519", Needs::Nothing, OLD),
    Alg("ssh-ed25519-cert-v01@openssh.com", Needs::Nothing, OLD),
    Alg("sk-ssh-ed25519@openssh.com", Needs::SecurityKeys, OLD),
    Alg(
        "sk-ssh-ed25519-cert-v01@openssh.com",
        Needs::SecurityKeys,
        OLD,
    ),
    Alg("ssh-mldsa44-ed25519@openssh.com", Needs::MldsaDraft, OLD),
    Alg(
        "ssh-mldsa44-ed25519-cert-v01@openssh.com",
        Needs::MldsaDraft,
        OLD,
    ),
    Alg("ssh-mldsa44-ed25519", Needs::Mldsa, v(10, 6)),
    Alg("ssh-mldsa44-ed25519-cert", Needs::Mldsa, v(10, 6)),
    Alg("ecdsa-sha2-nistp256", Needs::Nothing, OLD),
    Alg(
        "ecdsa-sha2-nistp256-cert-v01@openssh.com",
        Needs::Nothing,
        OLD,
    ),
    Alg("ecdsa-sha2-nistp384", Needs::Nothing, OLD),
    Alg(
        "ecdsa-sha2-nistp384-cert-v01@openssh.com",
        Needs::Nothing,
        OLD,
    ),
    Alg("ecdsa-sha2-nistp521", Needs::Nothing, OLD),
    Alg(
        "ecdsa-sha2-nistp521-cert-v01@openssh.com",
        Needs::Nothing,
        OLD,
    ),
    Alg(
        "sk-ecdsa-sha2-nistp256@openssh.com",
        Needs::SecurityKeys,
        OLD,
    ),
    Alg(
        "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com",
        Needs::SecurityKeys,
        OLD,
    ),
    Alg(
        "webauthn-sk-ecdsa-sha2-nistp256@openssh.com",
        Needs::SecurityKeys,
        v(8, 4),
    ),
    Alg(
        "webauthn-sk-ecdsa-sha2-nistp256-cert-v01@openssh.com",
        Needs::SecurityKeys,
        v(10, 3),
    ),
    Alg("ssh-dss", Needs::Dsa, OLD),
    Alg("ssh-dss-cert-v01@openssh.com", Needs::Dsa, OLD),
    Alg("ssh-rsa", Needs::Nothing, OLD),
    Alg("ssh-rsa-cert-v01@openssh.com", Needs::Nothing, OLD),
    Alg("rsa-sha2-256", Needs::Nothing, OLD),
    Alg("rsa-sha2-256-cert-v01@openssh.com", Needs::Nothing, v(7, 8)),
    Alg("rsa-sha2-512", Needs::Nothing, OLD),
    Alg("rsa-sha2-512-cert-v01@openssh.com", Needs::Nothing, v(7, 8)),
];

static IMPLEMENTED_OLD: &[Alg] = &[
    Alg("ssh-ed25519", Needs::Nothing, OLD),
    Alg("ssh-ed25519-cert-v01@openssh.com", Needs::Nothing, OLD),
    Alg("sk-ssh-ed25519@openssh.com", Needs::SecurityKeys, OLD),
    Alg(
        "sk-ssh-ed25519-cert-v01@openssh.com",
        Needs::SecurityKeys,
        OLD,
    ),
    Alg("ssh-rsa", Needs::Nothing, OLD),
    Alg("rsa-sha2-256", Needs::Nothing, OLD),
    Alg("rsa-sha2-512", Needs::Nothing, OLD),
    Alg("ssh-dss", Needs::Dsa, OLD),
    Alg("ecdsa-sha2-nistp256", Needs::Nothing, OLD),
    Alg("ecdsa-sha2-nistp384", Needs::Nothing, OLD),
    Alg("ecdsa-sha2-nistp521", Needs::Nothing, OLD),
    Alg(
        "sk-ecdsa-sha2-nistp256@openssh.com",
        Needs::SecurityKeys,
        OLD,
    ),
    Alg(
        "webauthn-sk-ecdsa-sha2-nistp256@openssh.com",
        Needs::SecurityKeys,
        v(8, 4),
    ),
    Alg("ssh-rsa-cert-v01@openssh.com", Needs::Nothing, OLD),
    Alg("rsa-sha2-256-cert-v01@openssh.com", Needs::Nothing, v(7, 8)),
    Alg("rsa-sha2-512-cert-v01@openssh.com", Needs::Nothing, v(7, 8)),
    Alg("ssh-dss-cert-v01@openssh.com", Needs::Dsa, OLD),
    Alg(
        "ecdsa-sha2-nistp256-cert-v01@openssh.com",
        Needs::Nothing,
        OLD,
    ),
    Alg(
        "ecdsa-sha2-nistp384-cert-v01@openssh.com",
        Needs::Nothing,
        OLD,
    ),
    Alg(
        "ecdsa-sha2-nistp521-cert-v01@openssh.com",
        Needs::Nothing,
        OLD,
    ),
    Alg(
        "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com",
        Needs::SecurityKeys,
        OLD,
    ),
];

pub(crate) fn all_key_algorithms(version: Version, features: &Features) -> Vec<&'static str> {
    // sshkey.c was cut into one file per key type in 9.2.
    let table = if version >= v(9, 2) {
        IMPLEMENTED
    } else {
        IMPLEMENTED_OLD
    };
    table
        .iter()
        .filter(|alg| alg.in_build(version, features))
        .map(|alg| alg.0)
        .collect()
}

/// Certificates and plain names of `KEX_DEFAULT_PK_ALG` share one order.
fn families(version: Version) -> &'static [&'static str] {
    if version >= v(10, 6) {
        &[
            "ssh-ed25519",
            "ecdsa-sha2-nistp256",
            "ecdsa-sha2-nistp384",
            "ecdsa-sha2-nistp521",
            "sk-ssh-ed25519",
            "sk-ecdsa-sha2-nistp256",
            "webauthn-sk-ecdsa-sha2-nistp256",
            "rsa-sha2-512",
            "rsa-sha2-256",
            "ssh-mldsa44-ed25519",
        ]
    } else if version >= v(10, 3) {
        &[
            "ssh-ed25519",
            "ecdsa-sha2-nistp256",
            "ecdsa-sha2-nistp384",
            "ecdsa-sha2-nistp521",
            "sk-ssh-ed25519",
            "sk-ecdsa-sha2-nistp256",
            "webauthn-sk-ecdsa-sha2-nistp256",
            "rsa-sha2-512",
            "rsa-sha2-256",
        ]
    } else if version >= v(8, 5) {
        &[
            "ssh-ed25519",
            "ecdsa-sha2-nistp256",
            "ecdsa-sha2-nistp384",
            "ecdsa-sha2-nistp521",
            "sk-ssh-ed25519",
            "sk-ecdsa-sha2-nistp256",
            "rsa-sha2-512",
            "rsa-sha2-256",
            "ssh-rsa",
        ]
    } else {
        &[
            "ecdsa-sha2-nistp256",
            "ecdsa-sha2-nistp384",
            "ecdsa-sha2-nistp521",
            "sk-ecdsa-sha2-nistp256",
            "ssh-ed25519",
            "sk-ssh-ed25519",
            "rsa-sha2-512",
            "rsa-sha2-256",
            "ssh-rsa",
        ]
    }
}

fn name_of(family: &str, certificate: bool, all: &[&'static str]) -> Option<&'static str> {
    all.iter()
        .copied()
        .find(|name| match name.strip_prefix(family) {
            Some(rest) if certificate => rest.starts_with("-cert"),
            Some(rest) => rest.is_empty() || rest == "@openssh.com",
            None => false,
        })
}

pub(crate) fn default_key_algorithms(version: Version, features: &Features) -> Vec<&'static str> {
    let all = all_key_algorithms(version, features);
    let sha1 = version < v(8, 8);
    let mut out = Vec::new();
    for certificate in [true, false] {
        for family in families(version) {
            if *family == "ssh-rsa" && !sha1 {
                continue;
            }
            out.extend(name_of(family, certificate, &all));
        }
    }
    out
}

pub(crate) fn default_ca_algorithms(version: Version, features: &Features) -> Vec<&'static str> {
    if version < v(7, 9) {
        return Vec::new();
    }
    let all = all_key_algorithms(version, features);
    families(version)
        .iter()
        .filter(|family| {
            (**family != "ssh-rsa" || version < v(8, 2)) && **family != "ssh-mldsa44-ed25519"
        })
        .filter_map(|family| name_of(family, false, &all))
        .collect()
}
