//! The causes that the wire, or a file on the client, proves.

use crate::hosts::Standing;
use crate::identity::{From, Identity, Offers, Trouble};
use crate::others::private_path;
use crate::probe::{Answer, Report, Stop, Tried, Unsigned, too_many};
use crate::reach::Unreached;
use crate::target::{Habits, Target};
use sshwhy_causes::{Certainty, Evidence, EvidenceKind, Finding, by_id};
use sshwhy_keyfile::UnlockError;
use sshwhy_keys::Format;
use sshwhy_rank::{Place, Server};
use sshwhy_wire::kex::{KexInit, KexList};
use sshwhy_wire::{AfterSuccess, End, TransportError};
use std::os::unix::ffi::OsStrExt;

/// What is asked.
pub struct Case<'a> {
    /// Whom it is about.
    pub target: &'a Target,
    /// All keys.
    pub offers: &'a Offers,
    /// The user's further keys, as they were asked about.
    pub others: &'a [Identity],
    /// What came of the connection.
    pub report: &'a Report,
    /// The key that the login is about, by its place.
    pub subject: Option<usize>,
    /// Seconds since 1970, for certificates.
    pub now: u64,
}

impl Case<'_> {
    /// Where the login stopped.
    #[must_use]
    pub fn place(&self) -> Place {
        self.report.place(self.subject)
    }

    pub(crate) fn identity(&self) -> Option<&Identity> {
        self.offers.identities.get(self.subject?)
    }

    fn tried(&self) -> Option<&Tried> {
        self.report.of(self.subject?)
    }

    /// A finding with the facts that many causes name.
    pub(crate) fn finding(&self, id: &str) -> Option<Finding> {
        let mut finding = Finding::new(by_id(id)?)
            .arg("user", self.target.user.as_slice())
            .arg("host", self.target.host.as_slice())
            .arg("port", self.target.port.to_string());
        if let Some(identity) = self.identity() {
            finding = finding.arg("path", identity.source());
            if !identity.blob.is_empty() {
                finding = finding.arg("fingerprint", identity.fingerprint());
            }
        }
        Some(finding)
    }

    /// What is proven to stop this login, the first thing first.
    #[must_use]
    pub fn causes(&self) -> Vec<Finding> {
        let found = match self.place() {
            Place::Reach => self.unreached(),
            Place::Identification => self.before_identification(),
            Place::KeyExchange => self.key_exchange(),
            Place::HostKey => self.host_key(),
            Place::Method => self.method(),
            Place::NotOffered => self.not_offered(),
            Place::Unsigned => self.unsigned(),
            Place::Signature => self.signature(),
            Place::Closed => self.closed(),
            Place::Partial => self.partial(),
            Place::Disconnected => self.disconnected(),
            Place::Query => self.query(),
            Place::Session | Place::Accepted | Place::Unknown => Vec::new(),
        };
        found.into_iter().flatten().collect()
    }

    /// What ends the session of a login that is let in.
    #[must_use]
    pub fn after_login(&self) -> Vec<Finding> {
        let mut found = Vec::new();
        if self.place() == Place::Session && self.target.user == b"root" && self.is_openssh() {
            found.push(self.finding("root-login-forced-commands-only"));
        }
        if let Some(output) = &self.report.session {
            let text = [output.stdout.as_slice(), &output.stderr].concat();
            let says = |words: &[u8]| text.windows(words.len()).any(|w| w == words);
            for (words, id) in [
                (
                    &b"This account is currently not available"[..],
                    "shell-nologin",
                ),
                (
                    b"This service allows sftp connections only",
                    "internal-sftp-only",
                ),
                (b"Please login as the user", "root-cloud-image-banner"),
                (
                    b"Your password has expired",
                    "password-expired-forced-change",
                ),
            ] {
                if says(words) {
                    found.push(
                        self.finding(id)
                            .map(|f| f.evidence(wire(words, b"what the session printed"))),
                    );
                }
            }
        }
        found.into_iter().flatten().collect()
    }

    /// Troubles of the key that did not decide: notes.
    #[must_use]
    pub fn notes(&self) -> Vec<Finding> {
        let Some(identity) = self.identity() else {
            return Vec::new();
        };
        let mut found: Vec<Finding> = identity
            .troubles
            .iter()
            .filter(|t| matches!(t, Trouble::StalePub { .. } | Trouble::Certificate(..)))
            .filter_map(|t| self.trouble(t))
            .collect();
        found.extend(self.of_its_own_client());
        if let Some(key) = &identity.public
            && let Some(weakness) = sshwhy_keyfile::weaknesses(key).found.first()
        {
            found.extend(
                self.finding("weak-key")
                    .map(|f| f.arg("reason", weakness.to_string())),
            );
        }
        found
    }

    /// A login that is let in here may still fail with the user's own client: it offers all keys
    /// over one connection, and before 0.75 PuTTY reads no PPK of version 3.
    fn of_its_own_client(&self) -> Vec<Finding> {
        let mut found = Vec::new();
        if self.report.accepted.is_none() || self.report.accepted != self.subject {
            return found;
        }
        found.extend(self.crowded());
        let format = self.identity().and_then(|i| i.format.as_ref());
        if self.target.habits == Habits::Putty
            && matches!(format, Some(Format::Ppk { version: 3, .. }))
        {
            found.extend(self.finding("ppk-version-too-new").map(|mut f| {
                f.certainty = Certainty::Possible;
                f
            }));
        }
        found
    }

    /// So many keys were refused before one was let in, or while others waited, that a server
    /// ends the connection of a client that offers them all over one.
    fn crowded(&self) -> Option<Finding> {
        // MaxAuthTries of sshd, unless set; of Dropbear 10.
        const TRIES: usize = 6;
        let refused = self.report.tried.iter();
        let refused = refused.filter(|t| t.place() == Place::Query).count();
        let at = match self.report.accepted {
            Some(at) => at,
            None if self.report.stop == Some(Stop::Refusals) => {
                let mut all = self.offers.identities.iter().enumerate();
                let unheard = |(i, identity): &(usize, &Identity)| {
                    !identity.blob.is_empty() && self.report.of(*i).is_none()
                };
                all.find(unheard)?.0
            }
            None => return None,
        };
        if refused < TRIES {
            return None;
        }
        let identity = self.offers.identities.get(at)?;
        let mut finding = self.finding("client-too-many-keys")?;
        finding.certainty = Certainty::Likely;
        Some(
            finding
                .arg("path", identity.source())
                .arg("fingerprint", identity.fingerprint())
                .arg("count", self.offers.identities.len().to_string())
                .arg("limit", TRIES.to_string())
                .arg("position", at.saturating_add(1).to_string()),
        )
    }

    /// The server says that it is OpenSSH.
    #[must_use]
    pub fn is_openssh(&self) -> bool {
        let id = self.report.wire.identification().unwrap_or_default();
        id.windows(8).any(|w| w == b"OpenSSH_")
    }

    fn unreached(&self) -> Vec<Option<Finding>> {
        let Some(unreached) = &self.report.unreached else {
            return Vec::new();
        };
        let mut found = vec![
            self.finding("net-unreachable")
                .map(|f| f.arg("reason", unreached.reason())),
        ];
        // It answered before, and failures came between: that is what a ban looks like.
        if matches!(unreached, Unreached::Address(..)) && self.report.failures_before > 0 {
            let count = self.report.failures_before;
            let mut evidence = Evidence::new(EvidenceKind::Wire);
            evidence.detail = Some(
                format!("this server answered {count} failing connections of ours in the last 15 minutes")
                    .into_bytes(),
            );
            found.push(self.finding("fail2ban-or-firewall-ban").map(|mut f| {
                f.certainty = Certainty::Likely;
                f.arg("from", "your address")
                    .arg("path", "a firewall")
                    .evidence(evidence)
            }));
        }
        found
    }

    fn before_identification(&self) -> Vec<Option<Finding>> {
        let lines: Vec<&[u8]> = self.report.wire.preamble().collect();
        let line_with = |words: &[u8]| {
            lines
                .iter()
                .find(|l| l.windows(words.len()).any(|w| w == words))
                .copied()
        };
        for (words, id) in [
            (&b"Exceeded MaxStartups"[..], "max-startups"),
            (b"Not allowed at this time", "per-source-penalty"),
        ] {
            if let Some(line) = line_with(words) {
                let said = wire(line, b"what the server said in place of its name");
                return vec![self.finding(id).map(|f| f.evidence(said))];
            }
        }
        let found = match &self.report.stop {
            Some(Stop::End(End::Transport(TransportError::ProtocolVersion(line)))) => line.clone(),
            _ => match lines.first() {
                Some(line) => line.to_vec(),
                None => return Vec::new(),
            },
        };
        let finding = self.finding("not-an-ssh-server");
        vec![finding.map(|f| {
            f.arg("found", found.clone())
                .evidence(wire(&found, b"its first line"))
        })]
    }

    fn key_exchange(&self) -> Vec<Option<Finding>> {
        let Some(Stop::End(End::Transport(TransportError::NoCommon(list)))) = &self.report.stop
        else {
            return Vec::new();
        };
        let theirs = self
            .report
            .wire
            .server_kexinit()
            .map(|init| names(init, *list));
        let ours = names(&sshwhy_wire::kex::default_offer(), *list).to_vec();
        let finding = self.finding("kex-no-common").map(|f| {
            let f = f.arg("keyword", list.to_string());
            let f = f.evidence(wire(theirs.unwrap_or_default(), b"the server's list"));
            f.evidence(wire(&ours, b"this client's list"))
        });
        vec![finding]
    }

    fn host_key(&self) -> Vec<Option<Finding>> {
        let shown = self
            .report
            .wire
            .host_key()
            .map(|k| k.fingerprint())
            .unwrap_or_default();
        let (at, expected) = match &self.report.host_key {
            Some(Standing::Changed { at, expected }) => (at, expected.clone()),
            Some(Standing::Revoked { at }) => (at, "this very key, marked @revoked".to_owned()),
            _ => return Vec::new(),
        };
        let mut evidence = Evidence::new(EvidenceKind::Text);
        evidence.path = Some(at.0.clone());
        evidence.line = u64::try_from(at.1).ok().filter(|n| *n > 0);
        let finding = self.finding("host-key-changed").map(|f| {
            f.arg("fingerprint", shown)
                .arg("path", at.0.clone())
                .arg("expected", expected)
                .evidence(evidence)
        });
        vec![finding]
    }

    fn method(&self) -> Vec<Option<Finding>> {
        let methods = self.report.methods.clone().unwrap_or_default();
        vec![self.finding("publickey-not-offered").map(|f| {
            f.arg("methods", methods.clone())
                .evidence(wire(&methods, b"methods that can continue"))
        })]
    }

    fn partial(&self) -> Vec<Option<Finding>> {
        let methods = self
            .tried()
            .and_then(|t| t.signed.clone().or_else(|| t.query.clone()));
        let Some(Answer::Partial(methods)) = methods else {
            return Vec::new();
        };
        vec![self.finding("authentication-methods-need-more").map(|f| {
            f.arg("expected", methods.clone()).evidence(wire(
                &methods,
                b"partial success; methods that can continue",
            ))
        })]
    }

    fn trouble(&self, trouble: &Trouble) -> Option<Finding> {
        let path = || self.identity().map(Identity::source).unwrap_or_default();
        let (id, more): (&str, Vec<(&'static str, Vec<u8>)>) = match trouble {
            Trouble::Missing => ("client-key-missing", Vec::new()),
            Trouble::Unreadable(why) => ("client-key-format", vec![("reason", why.clone().into())]),
            Trouble::Mode(mode) => (
                "client-key-perms",
                vec![("mode", format!("{mode:04o}").into())],
            ),
            Trouble::Ppk => ("ppk-given-to-openssh", Vec::new()),
            Trouble::NotPpk(_) => ("openssh-key-given-to-putty", Vec::new()),
            Trouble::Damaged(error) => (
                "client-key-format",
                vec![("reason", error.to_string().into())],
            ),
            Trouble::PublicOnly if self.target.habits == Habits::Putty => {
                ("putty-public-key-only", Vec::new())
            }
            Trouble::PublicOnly => return None,
            Trouble::StalePub { .. } => {
                let mut of = path();
                of.extend_from_slice(b".pub");
                ("client-stale-pub", vec![("path", of)])
            }
            Trouble::Locked(error) => {
                (unlock_id(error), vec![("reason", error.to_string().into())])
            }
            Trouble::Certificate(path, why) => (
                "client-cert-skipped",
                vec![
                    ("path", path.as_os_str().as_bytes().to_vec()),
                    ("reason", why.as_bytes().to_vec()),
                ],
            ),
        };
        let mut finding = self.finding(id)?;
        for (name, value) in more {
            finding = finding.arg(name, value);
        }
        Some(finding)
    }

    fn not_offered(&self) -> Vec<Option<Finding>> {
        if let Some(config) = &self.target.config {
            let off = !config.flag("pubkeyauthentication", true);
            let preferred = config.first("preferredauthentications");
            let left_out =
                preferred.is_some_and(|l| !l.split(|b| *b == b',').any(|m| m == b"publickey"));
            let keyword = if off {
                "pubkeyauthentication"
            } else {
                "preferredauthentications"
            };
            if off || left_out {
                let origin = config.place(keyword).map(place).unwrap_or_default();
                return vec![self.finding("client-pubkey-off").map(|f| {
                    f.arg(
                        "keyword",
                        if off {
                            "PubkeyAuthentication"
                        } else {
                            "PreferredAuthentications"
                        },
                    )
                    .arg("value", config.first(keyword).unwrap_or_default())
                    .arg("origin", origin)
                })];
            }
        }
        let Some(identity) = self.identity() else {
            return self.no_key();
        };
        if !identity.blob.is_empty() {
            if self.tried().is_none() && self.report.stop == Some(Stop::Refusals) {
                // It was us who stopped, with room to spare: nothing is proven by it.
                return Vec::new();
            }
            if self.tried().is_some_and(|t| t.algorithm.is_empty()) {
                return vec![self.filtered(identity)];
            }
        }
        identity.troubles.iter().map(|t| self.trouble(t)).collect()
    }

    /// A key that this client passes over for its algorithm.
    fn filtered(&self, identity: &Identity) -> Option<Finding> {
        let kind = identity
            .public
            .as_ref()
            .map(|k| k.key_type().name().to_vec())
            .unwrap_or_default();
        let of_rsa = kind.starts_with(b"ssh-rsa");
        let id = if of_rsa {
            "client-no-mutual-sigalg"
        } else {
            "client-alg-filter"
        };
        self.finding(id).map(|f| f.arg("algorithm", kind))
    }

    fn unsigned(&self) -> Vec<Option<Finding>> {
        let Some(tried) = self.tried() else {
            return Vec::new();
        };
        match &tried.unsigned {
            Some(Unsigned::NoPassphrase) => vec![self.finding("client-batchmode-passphrase")],
            Some(Unsigned::NotUnlocked(error)) => {
                let reason = error.to_string();
                vec![
                    self.finding(unlock_id(error))
                        .map(|f| f.arg("reason", reason)),
                ]
            }
            Some(Unsigned::Refused(why)) => {
                vec![
                    self.finding("client-agent-refused")
                        .map(|f| f.arg("reason", why.as_str())),
                ]
            }
            Some(Unsigned::NoPrivateHalf) => {
                let troubles = self
                    .identity()
                    .map(|i| i.troubles.as_slice())
                    .unwrap_or_default();
                // A public half by itself is a question to the server; with IdentitiesOnly it chooses a
                // key of the agent.
                let config = self.target.config.as_ref();
                let alone = troubles.contains(&Trouble::PublicOnly)
                    && config.is_some_and(|c| c.flag("identitiesonly", false));
                let mut found: Vec<_> = troubles.iter().map(|t| self.trouble(t)).collect();
                found.extend(alone.then(|| self.half_alone()));
                found
            }
            Some(Unsigned::Elsewhere(allowed)) => vec![self.elsewhere(allowed)],
            None => Vec::new(),
        }
    }

    fn signature(&self) -> Vec<Option<Finding>> {
        let Some(tried) = self.tried() else {
            return Vec::new();
        };
        if let Some(label) = &tried.signed_with
            && !tried.algorithm.is_empty()
            && sshwhy_keys::SigAlg::from_name(&tried.algorithm)
                .plain()
                .name()
                != label.as_slice()
        {
            return vec![self.finding("agent-sha1-signature").map(|f| {
                f.arg("algorithm", tried.algorithm.clone())
                    .arg("found", label.clone())
            })];
        }
        // A touch that a token leaves out would be refused here as well.
        let of_token = self
            .identity()
            .and_then(|i| i.public.as_ref())
            .is_some_and(|k| k.key_type().is_sk());
        if self.target.user == b"root" && self.is_openssh() && !of_token && tried.checked {
            let said = wire(
                b"PK_OK to the key, FAILURE to its signature, which verifies",
                b"",
            );
            return vec![self.finding("root-login-off").map(|f| f.evidence(said))];
        }
        Vec::new()
    }

    fn closed(&self) -> Vec<Option<Finding>> {
        let banners: Vec<Vec<u8>> = self.report.wire.banners().collect();
        let text = banners.concat();
        let says = |words: &[u8]| text.windows(words.len()).any(|w| w == words);
        for (words, id) in [
            (&b"Your account has expired"[..], "pam-account-expired"),
            (b"pam_nologin(8)", "pam-nologin"),
        ] {
            if says(words) {
                let found = self.finding(id).map(|mut f| {
                    // PAM says the same of a password that has been out of date for too long.
                    if id == "pam-account-expired" {
                        f.certainty = Certainty::Likely;
                    }
                    f.evidence(wire(&text, b"the server's banner"))
                });
                return vec![found];
            }
        }
        Vec::new()
    }

    fn disconnected(&self) -> Vec<Option<Finding>> {
        let Some(said) = self.report.wire.disconnect() else {
            return Vec::new();
        };
        let says = |words: &[u8]| said.text.windows(words.len()).any(|w| w == words);
        let refused = self
            .report
            .tried
            .iter()
            .filter(|t| t.place() == Place::Query)
            .count();
        let evidence = wire(&said.text, b"SSH_MSG_DISCONNECT");
        if says(b"Too many authentication failures") {
            if self.report.methods.is_none() {
                return vec![
                    self.finding("max-auth-tries-zero")
                        .map(|f| f.evidence(evidence)),
                ];
            }
            let heard = self.tried().is_some_and(|t| t.query.is_some());
            if !heard {
                return vec![self.finding("client-too-many-keys").map(|f| {
                    f.arg("count", self.offers.identities.len().to_string())
                        .arg("limit", (refused.saturating_add(1)).to_string())
                        .arg("position", self.position().to_string())
                        .evidence(evidence)
                })];
            }
        } else if says(b"no authentication methods enabled") {
            return vec![
                self.finding("authentication-methods-unsatisfiable")
                    .map(|f| f.evidence(evidence)),
            ];
        }
        Vec::new()
    }

    /// The key's place in the order of offers, from 1.
    fn position(&self) -> usize {
        let before = self
            .offers
            .identities
            .iter()
            .take(self.subject.unwrap_or(0));
        before
            .filter(|i| !i.blob.is_empty())
            .count()
            .saturating_add(1)
    }

    /// A further key of the user's that the server would take. That the refused one is not listed is not
    /// proven by it: its line may be damaged, or hold options.
    fn another_is_welcome(&self) -> Option<Finding> {
        let (at, _) = self.report.others.iter().find(|(_, welcome)| *welcome)?;
        let other = self.others.get(*at)?;
        // The .pub beside the refused key: that one was installed, and it has a cause of its own.
        let stale = |t: &Trouble| matches!(t, Trouble::StalePub { public, .. } if *public == other.fingerprint());
        if self.identity()?.troubles.iter().any(stale) {
            return None;
        }
        let mut finding = self.finding("client-wrong-identity")?;
        finding.certainty = Certainty::Likely;
        let path = match self.target.habits {
            Habits::OpenSsh => "other_path",
            Habits::Putty => "other_putty_path",
        };
        if let Some(file) = private_path(other) {
            finding = finding.arg(path, file);
        }
        Some(
            finding
                .arg("other_fingerprint", other.fingerprint())
                .evidence(wire(
                    other.fingerprint().as_bytes(),
                    b"the server would take this key",
                )),
        )
    }

    /// The server would take this key for another name. What is wrong with this account is not proven by
    /// it: the key may be meant for both.
    fn welcome_by_another_name(&self) -> Option<Finding> {
        let (other, _) = self.report.other_name.as_ref().filter(|(_, w)| *w)?;
        let mut finding = self.finding("client-wrong-user")?;
        finding.certainty = Certainty::Likely;
        Some(
            finding
                .arg("other_user", other.user.as_slice())
                .evidence(wire(
                    &other.user,
                    b"the server would take the key for this name",
                )),
        )
    }

    fn query(&self) -> Vec<Option<Finding>> {
        let Some(identity) = self.identity() else {
            return Vec::new();
        };
        let mut found = Vec::new();
        if !identity.is_named() {
            found.extend(self.crowded().map(Some));
        }
        found.extend(self.welcome_by_another_name().map(Some));
        found.extend(self.another_is_welcome().map(Some));
        // Dropbear knows no certificates, whatever stands in them.
        let knows = self.report.wire.identification().map(Server::of) != Some(Server::Dropbear);
        if let Some(certificate) = identity.public.as_ref().and_then(|k| k.certificate())
            && knows
        {
            if certificate.cert_type == sshwhy_keys::CertType::Host {
                found.push(self.finding("cert-is-host"));
            } else if certificate.valid_before <= self.now {
                found.push(self.finding("cert-expired"));
            } else if certificate.valid_after > self.now {
                found.push(self.finding("cert-not-yet-valid"));
            }
        }
        // PuTTY offers a public half that nothing in the file covers.
        if self.target.habits == Habits::Putty
            && matches!(identity.from, From::File { .. })
            && let Some(Trouble::Locked(error)) = identity
                .troubles
                .iter()
                .find(|t| matches!(t, Trouble::Locked(_)))
        {
            let id = match error {
                UnlockError::MacMismatch { .. } => "ppk-mac-mismatch",
                UnlockError::Inconsistent(_) => "ppk-public-half-damaged",
                other => unlock_id(other),
            };
            found.push(self.finding(id));
        }
        found.extend(
            identity
                .troubles
                .iter()
                .filter(|t| matches!(t, Trouble::StalePub { .. }))
                .map(|t| {
                    let mut f = self.trouble(t);
                    if let Some(f) = &mut f {
                        f.certainty = Certainty::Likely;
                    }
                    f
                }),
        );
        found
    }
}

/// `file:line`.
fn place(at: &sshwhy_config::Place) -> Vec<u8> {
    let line = at.line.to_string();
    [&at.file[..], b":", line.as_bytes()].concat()
}

/// The cause behind a file that does not open.
fn unlock_id(error: &UnlockError) -> &'static str {
    match error {
        UnlockError::PassphraseNeeded => "client-batchmode-passphrase",
        UnlockError::WrongPassphrase => "client-passphrase-wrong",
        UnlockError::WrongOrDamaged { .. } => "ppk-damaged-or-wrong-passphrase",
        UnlockError::MacMismatch { .. } => "ppk-mac-mismatch",
        UnlockError::Inconsistent(_) => "key-pair-mismatch",
        _ => "client-key-format",
    }
}

fn wire(text: &[u8], detail: &[u8]) -> Evidence {
    let mut evidence = Evidence::new(EvidenceKind::Wire);
    let short = text.get(..text.len().min(200)).unwrap_or_default();
    evidence.value = Some(short.to_vec());
    if !detail.is_empty() {
        evidence.detail = Some(detail.to_vec());
    }
    evidence
}

/// The list of a KEXINIT.
fn names(init: &KexInit, list: KexList) -> &[u8] {
    match list {
        KexList::Kex => &init.kex,
        KexList::HostKey => &init.host_key,
        KexList::CipherOut => &init.cipher_out,
        KexList::CipherIn => &init.cipher_in,
        KexList::MacOut => &init.mac_out,
        KexList::MacIn => &init.mac_in,
        KexList::CompressionOut => &init.compression_out,
        KexList::CompressionIn => &init.compression_in,
    }
}

/// The key that the answer is about: the one that was let in, else the one that got furthest among
/// those named, else the first one.
#[must_use]
pub fn subject(offers: &Offers, report: &Report) -> Option<usize> {
    if report.accepted.is_some() {
        return report.accepted;
    }
    // The keys that the server did not hear are the question then.
    if let Some(Stop::End(end)) = &report.stop
        && too_many(end)
        && let Some(unheard) = offers
            .identities
            .iter()
            .enumerate()
            .position(|(i, identity)| !identity.blob.is_empty() && report.of(i).is_none())
    {
        return Some(unheard);
    }
    let furthest = report
        .tried
        .iter()
        .filter(|t| t.query.is_some())
        .max_by_key(|t| (t.place(), std::cmp::Reverse(t.identity)))
        .filter(|t| t.place() > Place::Query)
        .map(|t| t.identity);
    let named = offers.identities.iter().position(|i| i.is_named());
    let heard = report
        .tried
        .iter()
        .find(|t| t.query.is_some())
        .map(|t| t.identity);
    furthest
        .or(named)
        .or(heard)
        .or((!offers.identities.is_empty()).then_some(0))
}

/// Whether the login was real: SUCCESS, and the connection went on.
#[must_use]
pub fn is_in(report: &Report) -> bool {
    matches!(report.after, Some(AfterSuccess::Alive))
}
