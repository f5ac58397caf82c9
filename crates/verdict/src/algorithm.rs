//! Key types, signature algorithms and key sizes (`userauth_pubkey`, before any file is read).

use crate::Gate;
use crate::conf::Kw;
use crate::found;
use crate::pass::{Pass, Stop};
use alloc::string::ToString;
use alloc::vec::Vec;
use sshwhy_causes::Finding;
use sshwhy_causes::algorithm as cause;
use sshwhy_causes::certificate as cert_cause;
use sshwhy_config::pattern::{ListMatch, match_pattern_list};
use sshwhy_keys::{BlobErrorKind, KeyType, SigAlg};
use sshwhy_world::{Feature, Gap, Mend, OfferedKey, Software, Vendor};

/// Whether this build knows the key format at all.
fn compiled_in(pass: &Pass<'_>, key_type: &KeyType) -> bool {
    match key_type.plain() {
        KeyType::Dsa => pass.has(Feature::Dsa),
        KeyType::SkEd25519 | KeyType::SkEcdsaP256 => pass.has(Feature::SkKeys),
        KeyType::MlDsa44Ed25519 => pass.has(Feature::MlDsa44),
        KeyType::MlDsa44Ed25519Draft => pass.has(Feature::MlDsa44Draft),
        KeyType::Ed448 | KeyType::Other(_) | KeyType::Xmss => false,
        _ => true,
    }
}

/// The offered algorithm is known to the build and in PubkeyAcceptedAlgorithms.
pub(crate) fn accepted(pass: &mut Pass<'_>) -> Gate {
    let Some(key) = pass.attempt.key.as_ref() else {
        return Err(Stop::Skipped);
    };
    let key_type = key.key_type();
    if !compiled_in(pass, &key_type) {
        if KeyType::is_v00_name(key.type_name()) {
            let f = Finding::new(&cert_cause::cert_old_v00::CAUSE)
                .arg("algorithm", key.type_name())
                .evidence(found::key(key.type_name(), "the type that the key names"));
            return pass.refuse(f);
        }
        let which = if key_type.plain() == KeyType::Dsa {
            &cause::dsa_key::CAUSE
        } else {
            &cause::key_type_unsupported_by_version::CAUSE
        };
        let f = Finding::new(which)
            .arg("algorithm", key.type_name())
            .evidence(found::key(key.type_name(), "the type that the key names"));
        return pass.refuse(f);
    }
    let joined = pass.conf.joined_algorithms(Kw::PubkeyAcceptedAlgorithms)?;
    let tries = candidates(pass, key);
    let by_key_type = pass.has(Feature::KeyTypeAlgorithms);
    if let Some(alg) = first_listed(pass, key, &tries, &joined) {
        let name = alg.name().to_vec();
        pass.say(name);
        return rsa_list_bug(pass, key, &joined);
    }
    let list = pass.conf.algorithms(Kw::PubkeyAcceptedAlgorithms)?;
    let Some(best) = tries.first() else {
        return Err(Stop::Skipped);
    };
    let plain_accepted =
        key_type.is_cert() && match_pattern_list(best.plain().name(), &joined) == ListMatch::Match;
    // An old client's fault only where a newer one would get in with the same key.
    let sha2 = |a: &SigAlg| !matches!(a, SigAlg::RsaSha1 | SigAlg::RsaSha1Cert);
    let only_sha1 = !tries.iter().any(sha2)
        && SigAlg::for_key(&key_type)
            .iter()
            .any(|a| sha2(a) && match_pattern_list(a.name(), &joined) == ListMatch::Match);
    let which = if key_type.plain() == KeyType::Dsa {
        &cause::dsa_key::CAUSE
    } else if only_sha1 && !by_key_type {
        &cause::rsa_sha1_only_client::CAUSE
    } else if plain_accepted {
        &cause::cert_alg_not_accepted::CAUSE
    } else if pass.world.build().vendor == Vendor::RedHat
        && list
            .file
            .as_deref()
            .is_some_and(|f| f.starts_with(b"/etc/crypto-policies"))
    {
        &cause::fips_or_crypto_policy::CAUSE
    } else {
        &cause::signature_algorithm_not_accepted::CAUSE
    };
    let mut more = b"+".to_vec();
    more.extend_from_slice(best.name());
    let plain: Vec<Vec<u8>> = list
        .value
        .iter()
        .filter(|a| !KeyType::from_name(a).is_cert() && !SigAlg::from_name(a).is_cert())
        .cloned()
        .collect();
    let finding = Finding::new(which)
        .arg("algorithm", best.name())
        .arg("expected", found::list(&plain))
        .mend(Mend::Config {
            keyword: b"pubkeyacceptedalgorithms".to_vec(),
            value: more,
        });
    pass.refuse(found::with_setting(finding, &list))
}

/// The first algorithm of the client that stands in the list.
fn first_listed<'t>(
    pass: &Pass<'_>,
    key: &OfferedKey,
    tries: &'t [SigAlg],
    joined: &[u8],
) -> Option<&'t SigAlg> {
    let by_key_type = pass.has(Feature::KeyTypeAlgorithms);
    tries.iter().find(|alg| {
        let name = if by_key_type {
            key.type_name()
        } else {
            alg.name()
        };
        match_pattern_list(name, joined) == ListMatch::Match
    })
}

/// The algorithm that the client gets through with, where it is of another format or curve than
/// the key that comes with it.
pub(crate) fn mislabelled(pass: &Pass<'_>) -> Gate<Option<SigAlg>> {
    let Some(key) = pass.attempt.key.as_ref() else {
        return Err(Stop::Skipped);
    };
    if key.algorithms.is_empty() {
        // A client that chooses for itself takes an algorithm of its key.
        return Ok(None);
    }
    let list = pass.conf.algorithms(Kw::PubkeyAcceptedAlgorithms)?;
    let joined = list.value.join(&b","[..]);
    let tries = candidates(pass, key);
    let taken = first_listed(pass, key, &tries, &joined).or(tries.first());
    Ok(taken.filter(|a| a.key_type() != key.key_type()).cloned())
}

/// The algorithms that the client will try. Where the server shows what is compiled in instead of
/// what is accepted, a client takes its best one and has no second chance.
fn candidates(pass: &Pass<'_>, key: &OfferedKey) -> Vec<SigAlg> {
    let mut tries = key.offered_algorithms();
    if !pass.has(Feature::SigAlgsConfigured) {
        tries.truncate(1);
    }
    tries
}

/// 7.8 and 7.9: the monitor compares the key type too, so that lists with nothing but rsa-sha2-*
/// refuse every RSA key.
fn rsa_list_bug(pass: &Pass<'_>, key: &OfferedKey, joined: &[u8]) -> Gate {
    if pass.has(Feature::RsaSha2ListBug)
        && key.key_type().plain() == KeyType::Rsa
        && match_pattern_list(key.type_name(), joined) != ListMatch::Match
    {
        let list = pass.conf.algorithms(Kw::PubkeyAcceptedAlgorithms)?;
        let finding = Finding::new(&cause::rsa_sha2_list_bug::CAUSE);
        return pass.refuse(found::with_setting(finding, &list));
    }
    Ok(())
}

/// The blob parses, a certificate's signature included. A name that the build does not know ends it
/// before; that is for the next gate to say.
pub(crate) fn parses(pass: &mut Pass<'_>) -> Gate {
    let Some(key) = pass.attempt.key.as_ref() else {
        return Err(Stop::Skipped);
    };
    if pass.world.build().software == Software::OpenSsh && !compiled_in(pass, &key.key_type()) {
        return Ok(());
    }
    let Err(error) = &key.key else {
        known_ca(pass, key)?;
        same_curve(pass, key)?;
        return match &key.ca_unchecked {
            Some(algorithm) => Err(ca_gap(algorithm).into()),
            None => Ok(()),
        };
    };
    let finding = match &error.kind {
        BlobErrorKind::RsaTooShort { bits } => Finding::new(&cause::rsa_key_below_1024::CAUSE)
            .arg("bits", bits.to_string())
            .arg("minimum", "1024"),
        BlobErrorKind::CaSignature(why) => {
            Finding::new(&cert_cause::cert_bad_signature::CAUSE).arg("reason", why.sshd_text())
        }
        BlobErrorKind::CaKey(_) | BlobErrorKind::CaIsCertificate(_) => {
            Finding::new(&cert_cause::cert_bad_signature::CAUSE).arg("reason", error.sshd_text())
        }
        BlobErrorKind::OldCertificate(_) => Finding::new(&cert_cause::cert_old_v00::CAUSE),
        _ => Finding::new(&cause::key_type_unsupported_by_version::CAUSE)
            .arg("algorithm", key.type_name())
            .arg("reason", error.sshd_text()),
    };
    let detail = alloc::format!(
        "{} (at byte {} of the blob)",
        error.sshd_text(),
        error.offset
    );
    let finding = finding.evidence(found::key(key.type_name(), detail));
    // Nothing can be compared with a blob that does not parse.
    let mut finding = finding;
    finding.mend.clear();
    Err(finding.into())
}

/// A CA key of a type that is not compiled in makes the whole certificate unreadable.
fn known_ca(pass: &Pass<'_>, key: &OfferedKey) -> Gate {
    let Some(cert) = key.key.as_ref().ok().and_then(|k| k.certificate()) else {
        return Ok(());
    };
    if compiled_in(pass, cert.ca_key().key_type()) {
        return Ok(());
    }
    let mut finding = crate::certificate::describe(&cert_cause::cert_bad_signature::CAUSE, cert)
        .arg("reason", "invalid certificate signing key");
    finding.mend.clear();
    Err(finding.into())
}

/// From 10.3 on an ECDSA key must be on the very curve that the algorithm names. Before, sshd found
/// out when it checked the signature.
fn same_curve(pass: &Pass<'_>, key: &OfferedKey) -> Gate {
    if !pass.has(Feature::ExactEcdsaCurve) {
        return Ok(());
    }
    let Some(alg) = mislabelled(pass)? else {
        return Ok(());
    };
    let (named, is) = (alg.key_type(), key.key_type());
    if !is_ecdsa(&named) || !is_ecdsa(&is) || named.is_cert() != is.is_cert() {
        return Ok(());
    }
    let list = pass.conf.algorithms(Kw::PubkeyAcceptedAlgorithms)?;
    let finding = Finding::new(&cause::ecdsa_curve_policy::CAUSE)
        .arg("algorithm", alg.name())
        .arg("found", key.type_name())
        .evidence(found::key(key.type_name(), {
            let mut words = b"offered as ".to_vec();
            words.extend_from_slice(alg.name());
            words
        }));
    pass.refuse(found::with_setting(finding, &list))
}

fn is_ecdsa(key_type: &KeyType) -> bool {
    matches!(
        key_type.plain(),
        KeyType::EcdsaP256 | KeyType::EcdsaP384 | KeyType::EcdsaP521
    )
}

/// sshd may be able to check a CA signature that this program cannot.
fn ca_gap(algorithm: &SigAlg) -> Gap {
    Gap::could_not(
        alloc::format!("whether the CA's signature on the certificate is good ({algorithm})"),
        "signatures of this algorithm are not checked here",
        "ssh -v with the certificate shows whether sshd takes it",
    )
}

/// RequiredRSASize, which counts for a certificate's key too.
pub(crate) fn long_enough(pass: &mut Pass<'_>) -> Gate {
    let Some(key) = pass.attempt.key.as_ref().and_then(|k| k.key.as_ref().ok()) else {
        return Err(Stop::Skipped);
    };
    if !pass.has(Feature::RequiredRsaSize) {
        return Ok(());
    }
    let Some(bits) = key.rsa_bits() else {
        return Ok(());
    };
    let size = pass.conf.number(Kw::RequiredRSASize)?;
    if i64::from(bits) >= size.value {
        return Ok(());
    }
    let finding = Finding::new(&cause::rsa_key_too_short::CAUSE)
        .arg("bits", bits.to_string())
        .arg("minimum", size.value.to_string())
        .evidence(found::key(key.fingerprint(), alloc::format!("{bits} bits")))
        .mend(Mend::Config {
            keyword: b"requiredrsasize".to_vec(),
            value: bits.to_string().into_bytes(),
        });
    pass.refuse(found::with_setting(finding, &size))
}
