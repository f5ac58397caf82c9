//! What a request by key proves.

use crate::engine::{Key, Proof};
use crate::talk::Bound;
use sshwhy_keys::{PublicKey, SigAlg, verify};
use sshwhy_wire::data::Reader;
use sshwhy_wire::request::KeyRequest;

/// Flags of a FIDO signature (OpenSSH `PROTOCOL.u2f`).
const TOUCHED: u8 = 1;
const VERIFIED: u8 = 4;

impl Key {
    pub(crate) fn of(request: &KeyRequest<'_>) -> Key {
        Key {
            blob: request.blob.to_vec(),
            algorithm: request.algorithm.to_vec(),
        }
    }
}

/// What the signature of a signed request proves; off the threads that serve the network, for a long
/// modulus takes its time.
pub(crate) async fn proven(bound: &Bound<'_>, request: &KeyRequest<'_>) -> Proof {
    let key = Key::of(request);
    let signature = request.signature.unwrap_or_default().to_vec();
    let data = request.signed_data(bound.session_id);
    let here = request.bound_to.is_none_or(|k| k == bound.host_key);
    let proof = tokio::task::spawn_blocking(move || proof(&key, &signature, &data)).await;
    proof.ok().filter(|_| here).unwrap_or(Proof::Bad)
}

fn proof(key: &Key, signature: &[u8], data: &[u8]) -> Proof {
    let Ok(public) = PublicKey::from_blob(&key.blob) else {
        return Proof::Bad;
    };
    let mut r = Reader::new(signature);
    // The name inside is that of the algorithm announced (`sshkey_check_sigtype`).
    let named = r.string().map(SigAlg::from_name);
    let announced = SigAlg::from_name(&key.algorithm);
    if named != Some(announced.plain()) || !announced.fits(public.key_type()) {
        return Proof::Bad;
    }
    if verify(&public, signature, data).is_err() {
        return Proof::Bad;
    }
    let flags = r.string().and_then(|_| r.u8());
    Proof::Good {
        touched: flags.is_none_or(|f| f & TOUCHED != 0),
        verified: flags.is_some_and(|f| f & VERIFIED != 0),
    }
}
