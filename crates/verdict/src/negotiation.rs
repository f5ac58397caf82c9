//! Algorithm negotiation (`kex_choose_conf`), as far as a configuration alone decides it.
//!
//! The attempt names no client program. So the gate refuses only where the server's lists leave
//! nothing to either of the clients that people have: OpenSSH 10 and PuTTY 0.83, each with its
//! default list. A client of another age may fail where these do not.

use crate::Gate;
use crate::conf::{Kw, Said};
use crate::found;
use crate::pass::{Pass, Stop};
use crate::startup;
use alloc::vec::Vec;
use sshwhy_causes::Finding;
use sshwhy_causes::connect::kex_no_common;
use sshwhy_keys::{KeyType, load_public};
use sshwhy_world::resolve::resolve;
use sshwhy_world::{Fact, Reader, read_all};

/// Most bytes of a public host key file.
const PUBLIC_LIMIT: usize = 1 << 16;

/// What a client offers.
struct Client {
    kex: &'static [&'static str],
    host_key: &'static [&'static str],
    cipher: &'static [&'static str],
    mac: &'static [&'static str],
}

/// ssh_config(5) of OpenSSH 10.0. Certificate and FIDO types of host keys go by their plain names.
const OPENSSH: Client = Client {
    kex: &[
        "mlkem768x25519-sha256",
        "sntrup761x25519-sha512",
        "sntrup761x25519-sha512@openssh.com",
        "curve25519-sha256",
        "curve25519-sha256@libssh.org",
        "ecdh-sha2-nistp256",
        "ecdh-sha2-nistp384",
        "ecdh-sha2-nistp521",
        "diffie-hellman-group-exchange-sha256",
        "diffie-hellman-group16-sha512",
        "diffie-hellman-group18-sha512",
        "diffie-hellman-group14-sha256",
    ],
    host_key: &[
        "ssh-ed25519",
        "ecdsa-sha2-nistp256",
        "ecdsa-sha2-nistp384",
        "ecdsa-sha2-nistp521",
        "sk-ssh-ed25519@openssh.com",
        "sk-ecdsa-sha2-nistp256@openssh.com",
        "rsa-sha2-512",
        "rsa-sha2-256",
    ],
    cipher: &[
        "chacha20-poly1305@openssh.com",
        "aes128-gcm@openssh.com",
        "aes256-gcm@openssh.com",
        "aes128-ctr",
        "aes192-ctr",
        "aes256-ctr",
    ],
    mac: &[
        "umac-64-etm@openssh.com",
        "umac-128-etm@openssh.com",
        "hmac-sha2-256-etm@openssh.com",
        "hmac-sha2-512-etm@openssh.com",
        "hmac-sha1-etm@openssh.com",
        "umac-64@openssh.com",
        "umac-128@openssh.com",
        "hmac-sha2-256",
        "hmac-sha2-512",
        "hmac-sha1",
    ],
};

/// PuTTY 0.83, with what it asks about before use ("below the warning threshold").
const PUTTY: Client = Client {
    kex: &[
        "mlkem768x25519-sha256",
        "mlkem1024nistp384-sha384",
        "mlkem768nistp256-sha256",
        "sntrup761x25519-sha512",
        "sntrup761x25519-sha512@openssh.com",
        "curve448-sha512",
        "curve25519-sha256",
        "curve25519-sha256@libssh.org",
        "ecdh-sha2-nistp256",
        "ecdh-sha2-nistp384",
        "ecdh-sha2-nistp521",
        "diffie-hellman-group-exchange-sha256",
        "diffie-hellman-group-exchange-sha1",
        "diffie-hellman-group18-sha512",
        "diffie-hellman-group17-sha512",
        "diffie-hellman-group16-sha512",
        "diffie-hellman-group15-sha512",
        "diffie-hellman-group14-sha256",
        "diffie-hellman-group14-sha1",
        "diffie-hellman-group1-sha1",
    ],
    host_key: &[
        "ssh-ed448",
        "ssh-ed25519",
        "ecdsa-sha2-nistp256",
        "ecdsa-sha2-nistp384",
        "ecdsa-sha2-nistp521",
        "ssh-dss",
        "rsa-sha2-512",
        "rsa-sha2-256",
        "ssh-rsa",
    ],
    cipher: &[
        "aes256-ctr",
        "aes256-cbc",
        "rijndael-cbc@lysator.liu.se",
        "aes192-ctr",
        "aes192-cbc",
        "aes128-ctr",
        "aes128-cbc",
        "chacha20-poly1305@openssh.com",
        "aes256-gcm@openssh.com",
        "aes128-gcm@openssh.com",
        "3des-ctr",
        "3des-cbc",
        "blowfish-ctr",
        "blowfish-cbc",
        "arcfour256",
        "arcfour128",
    ],
    mac: &[
        "hmac-sha2-512",
        "hmac-sha2-512-etm@openssh.com",
        "hmac-sha2-256",
        "hmac-sha2-256-etm@openssh.com",
        "hmac-sha1",
        "hmac-sha1-etm@openssh.com",
        "hmac-sha1-96",
        "hmac-sha1-96-etm@openssh.com",
        "hmac-md5",
        "hmac-md5-etm@openssh.com",
    ],
};

/// The server's side.
struct Lists {
    kex: Said<Vec<Vec<u8>>>,
    host_key: Said<Vec<Vec<u8>>>,
    /// The host key algorithms that are on offer. `None`: its keys are not known.
    host_key_here: Option<Vec<Vec<u8>>>,
    cipher: Said<Vec<Vec<u8>>>,
    mac: Said<Vec<Vec<u8>>>,
}

/// Both ends have one algorithm of each kind.
pub(crate) fn kex_choose_conf(pass: &mut Pass<'_>) -> Gate {
    let host_key = pass.conf.algorithms(Kw::HostKeyAlgorithms)?;
    let lists = Lists {
        kex: pass.conf.algorithms(Kw::KexAlgorithms)?,
        host_key_here: on_offer(pass, &host_key.value)?,
        host_key,
        cipher: pass.conf.algorithms(Kw::Ciphers)?,
        mac: pass.conf.algorithms(Kw::Macs)?,
    };
    let (Some((kind, said)), Some(_)) = (missing(&lists, &OPENSSH), missing(&lists, &PUTTY)) else {
        return Ok(());
    };
    // sshd's words for the kind, since the log has them; the setting is in the evidence.
    let finding = Finding::new(&kex_no_common::CAUSE)
        .arg("keyword", kind)
        .arg("value", said.raw.as_slice())
        .arg("origin", said.origin.as_slice())
        .evidence(found::setting(said));
    pass.refuse(finding)
}

/// The first kind of which a client and the server have nothing in common.
fn missing<'l>(
    lists: &'l Lists,
    client: &Client,
) -> Option<(&'static str, &'l Said<Vec<Vec<u8>>>)> {
    let first = |ours: &[&'static str], theirs: &[Vec<u8>]| {
        ours.iter()
            .copied()
            .find(|name| theirs.iter().any(|t| t == name.as_bytes()))
    };
    if first(client.kex, &lists.kex.value).is_none() {
        return Some(("key exchange method", &lists.kex));
    }
    if let Some(here) = &lists.host_key_here
        && first(client.host_key, here).is_none()
    {
        return Some(("host key type", &lists.host_key));
    }
    let Some(cipher) = first(client.cipher, &lists.cipher.value) else {
        return Some(("cipher", &lists.cipher));
    };
    let brings_its_own = cipher.contains("-gcm@") || cipher.contains("poly1305");
    if !brings_its_own && first(client.mac, &lists.mac.value).is_none() {
        return Some(("MAC", &lists.mac));
    }
    None
}

/// What the host keys can sign with, as far as the list allows it. The public file beside each key
/// tells its type, so that no private key is read.
fn on_offer(pass: &Pass<'_>, allowed: &[Vec<u8>]) -> Result<Option<Vec<Vec<u8>>>, Stop> {
    if !pass.conf.words(Kw::HostCertificate)?.value.is_empty() {
        return Ok(None);
    }
    let Some(names) = startup::usable_host_keys(pass)? else {
        return Ok(None);
    };
    let mut out = Vec::new();
    for mut name in names {
        name.extend_from_slice(b".pub");
        let Ok(file) = resolve(pass.world, &name, None)? else {
            return Ok(None);
        };
        let read = read_all(pass.world, &file.real, Reader::Root, PUBLIC_LIMIT);
        let Fact::Known(Ok((text, _))) = read else {
            return Ok(None);
        };
        let Ok(public) = load_public(&text) else {
            return Ok(None);
        };
        let algorithms: &[&[u8]] = match public.key.key_type() {
            KeyType::Rsa => &[b"rsa-sha2-512", b"rsa-sha2-256", b"ssh-rsa"],
            other => &[other.name()],
        };
        out.extend(
            algorithms
                .iter()
                .map(|a| a.to_vec())
                .filter(|a| allowed.contains(a)),
        );
    }
    Ok(Some(out))
}
