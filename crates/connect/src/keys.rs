//! Keys that this client can use and the followed one cannot.

use sshwhy_check::identity::{From, Identity, Secret, Trouble};
use sshwhy_check::local;
use sshwhy_check::signer::FileSigner;
use sshwhy_keyfile::{KeyFile, Protection, read};
use std::sync::Arc;
use zeroize::Zeroizing;

/// Opens files that the followed client passes over for their format alone: this client reads all
/// of them.
pub(crate) fn widen(identities: &mut [Identity]) {
    for identity in identities {
        let other_format = identity
            .troubles
            .iter()
            .any(|t| matches!(t, Trouble::Ppk | Trouble::NotPpk(_)));
        let From::File { path, .. } = &identity.from else {
            continue;
        };
        if !other_format {
            continue;
        }
        let Ok(data) = local::read(path).map(Zeroizing::new) else {
            continue;
        };
        if let Ok(file) = read(&data) {
            take(identity, file);
        }
    }
}

fn take(identity: &mut Identity, file: KeyFile) {
    let mut public = file.public.clone();
    if file.protection == Protection::None {
        if let Ok(key) = file.unlock(None) {
            public = public.or_else(|| Some(key.public().clone()));
            identity.secret = Secret::Ready(Arc::new(FileSigner::new(Arc::new(key))));
        }
    } else {
        identity.secret = Secret::Locked(Arc::new(file));
    }
    if let Some(public) = public {
        identity.blob = public.blob().to_vec();
        identity.public = Some(public);
    }
}
