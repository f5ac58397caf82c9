//! `user_key_allowed`: every source of keys that sshd would ask, in its order. The first that
//! accepts wins; if none does, the one that came nearest tells why.

use crate::pass::{Granted, Pass, Stop};
use crate::{Gate, certificate, command, elsewhere, keyfile};
use alloc::boxed::Box;
use alloc::vec::Vec;
use sshwhy_authfile::OfferedKey as Wanted;
use sshwhy_causes::Finding;
use sshwhy_world::{Feature, Gap};

/// How near a source came to accepting. The greater, the better it explains the refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Near {
    /// Nothing there.
    Missing,
    /// There, and not this key.
    NotListed,
    /// Could not be read, so that what it holds is not known.
    Unreadable,
    /// Readable, but sshd will not read it.
    Unsafe,
    /// The key has been there, and something happened to it.
    Damaged,
    /// Not read, and the key stands in it.
    UnsafeWithKey,
    /// The key stands on a line, and the line does not let it in.
    OnALine,
    /// The certificate's CA is trusted, and the certificate itself does not let it in.
    Trusted,
}

/// One source that did not accept.
pub(crate) struct Tried {
    pub(crate) finding: Finding,
    pub(crate) near: Near,
    /// The file, where the source is one.
    pub(crate) file: Vec<u8>,
}

impl Tried {
    pub(crate) fn new(near: Near, file: &[u8], finding: Finding) -> Self {
        Tried {
            finding,
            near,
            file: file.to_vec(),
        }
    }
}

/// What the sources said so far.
#[derive(Default)]
pub(crate) struct Search {
    pub(crate) tried: Vec<Tried>,
    pub(crate) gaps: Vec<(Gap, Option<Box<Finding>>)>,
}

impl Search {
    /// What the lines with the key say that did not let it in.
    fn skipped_lines(&mut self) -> Vec<Finding> {
        let tried = core::mem::take(&mut self.tried).into_iter();
        tried
            .filter(|t| matches!(t.near, Near::OnALine | Near::Trusted))
            .map(|t| t.finding)
            .collect()
    }

    /// Takes note of a source's answer. `Some`: it accepted.
    ///
    /// # Errors
    /// What ends the whole search.
    fn note(&mut self, answer: Gate<Option<Granted>>) -> Gate<Option<Granted>> {
        match answer {
            Err(Stop::Unknown(gap, finding)) => {
                self.gaps.push((gap, finding));
                Ok(None)
            }
            other => other,
        }
    }
}

/// The key is in one of the sources.
pub(crate) fn key_allowed(pass: &mut Pass<'_>) -> Gate {
    pass.account()?;
    let mut search = Search::default();
    let Some(key) = pass.attempt.key.as_ref() else {
        return keyfile::without_key(pass, &mut search);
    };
    let Ok(public) = &key.key else {
        return Err(Stop::Skipped);
    };
    // sshd compares keys, not their text: as it would write them anew.
    let wanted = match public.certificate() {
        Some(cert) => Wanted::certificate(cert.ca_key().plain_blob()),
        None => match Wanted::plain(public.plain_blob()) {
            Some(wanted) => wanted,
            None => return Err(Stop::Skipped),
        },
    };
    type Source = for<'p, 'a, 's, 'k> fn(
        &'p mut Pass<'a>,
        &'s mut Search,
        Wanted<'k>,
    ) -> Gate<Option<Granted>>;
    let order: [Source; 3] = if pass.has(Feature::KeysFileFirst) {
        [keyfile::files, certificate::trusted_ca, command::keys]
    } else {
        [certificate::trusted_ca, command::keys, keyfile::files]
    };
    for source in order {
        let answer = source(pass, &mut search, wanted);
        if let Some(granted) = search.note(answer)? {
            let origin = granted.origin.clone();
            pass.skipped_lines = search.skipped_lines();
            pass.granted = Some(granted);
            pass.say(origin);
            return Ok(());
        }
    }
    let best = elsewhere::explain(pass, &mut search, wanted);
    pass.skipped_lines = search.skipped_lines();
    if let Some((gap, finding)) = search.gaps.into_iter().next() {
        return Err(Stop::Unknown(gap, finding.or_else(|| best.map(Box::new))));
    }
    match best {
        Some(finding) => {
            if pass.world.waived(finding.cause.id) {
                pass.granted = Some(Granted::default());
                return Ok(());
            }
            Err(finding.into())
        }
        None => Err(Stop::Skipped),
    }
}
