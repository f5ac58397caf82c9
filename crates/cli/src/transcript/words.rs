//! The words of clients: lines of `ssh -v` and of PuTTY's event log, and what each tells.

use sshwhy_causes::{Args, logline};
use std::collections::HashMap;

/// What a line tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    /// A client begins; OpenSSH's first line.
    Client,
    /// PuTTY begins.
    Putty,
    /// It looks a name up or connects.
    Connecting,
    /// The name has no address, or nothing answers.
    Unreachable,
    /// A connection is there.
    Connected,
    /// The server's identification string.
    Server,
    /// The server says something else than an identification string.
    Preamble,
    /// It is no SSH server.
    NotSsh,
    /// No algorithm in common.
    NoCommon,
    /// The server's host key.
    HostKey,
    /// The host key is not the one remembered.
    HostKeyChanged,
    /// The host key is not known, or was not confirmed.
    HostKeyUnknown,
    /// Whom the client logs in as.
    User,
    /// Keys are agreed on; authentication begins.
    Service,
    /// The methods that can continue: whatever was asked before is refused.
    Continue,
    /// More is asked for.
    Partial,
    /// The client reads this key file.
    KeyFile,
    /// A key is offered.
    Offer,
    /// A key is offered, signed at once.
    Direct,
    /// The server refused the offer.
    Refused,
    /// PK_OK.
    Accepts,
    /// The signature was sent.
    Signed,
    /// The signature was refused.
    SignatureRefused,
    /// A private key cannot be used.
    NotLoaded,
    /// The private key's mode.
    TooOpen,
    /// The client offers a public key alone, and no agent holds it.
    PublicOnly,
    /// The agent does not hold the configured key.
    NotInAgent,
    /// The agent does not sign.
    AgentRefused,
    /// The client keeps a key back.
    Skipped,
    /// No signature algorithm in common.
    NoMutual,
    /// A certificate is not used.
    CertificateSkipped,
    /// A passphrase is needed and may not be asked for.
    NoPrompt,
    /// The passphrase is wrong.
    WrongPassphrase,
    /// The client gives up.
    Denied,
    /// The server ends the connection with a reason.
    Disconnect,
    /// The connection is closed without one.
    Closed,
    /// Let in.
    Success,
    /// How the session ended.
    Exit,
    /// Words of PAM, of shells and of forced commands, as causes have them.
    Says(&'static str),
}

use Word::*;

/// The templates, as [`logline::matches`] reads them.
const WORDS: &[(&str, Word)] = &[
    // OpenSSH
    ("OpenSSH_{version}, {library}", Client),
    ("Connecting to {host} [{addr}] port {port}.", Connecting),
    ("Connecting to {host} port {port}.", Connecting),
    (
        "connect to address {addr} port {port}: {reason}",
        Connecting,
    ),
    (
        "ssh: connect to host {host} port {port}: {reason}",
        Unreachable,
    ),
    (
        "ssh: Could not resolve hostname {host}: {reason}",
        Unreachable,
    ),
    ("Connection established.", Connected),
    (
        "Remote protocol version {version}, remote software version {server}",
        Server,
    ),
    (
        "kex_exchange_identification: banner line {line}: {text}",
        Preamble,
    ),
    (
        "kex_exchange_identification: banner line contains invalid characters",
        NotSsh,
    ),
    (
        "banner exchange: Connection to {host} port {port}: invalid format",
        NotSsh,
    ),
    (
        "Bad remote protocol version identification: {found}",
        NotSsh,
    ),
    (
        "Unable to negotiate with {host} port {port}: no matching {kind} found. Their offer: {found}",
        NoCommon,
    ),
    ("Server host key: {keytype} {fingerprint}", HostKey),
    ("Offending {keytype} key in {file}:{line}", HostKeyChanged),
    ("Offending key in {file}:{line}", HostKeyChanged),
    (
        "No {keytype} host key is known for {host} and you have requested strict checking.",
        HostKeyUnknown,
    ),
    ("Authenticating to {host}:{port} as '{user}'", User),
    ("SSH2_MSG_SERVICE_ACCEPT received", Service),
    ("Authentications that can continue: {methods}", Continue),
    ("Authentications that can continue:", Continue),
    (
        "Authenticated using \"{method}\" with partial success.",
        Partial,
    ),
    ("Authenticated with partial success.", Partial),
    ("Offering public key: {key}", Offer),
    ("Offering {type} public key: {path}", Offer),
    ("Trying private key: {path}", Direct),
    ("Server accepts key: {key}", Accepts),
    ("Server accepts key {key}", Accepts),
    ("Load key \"{path}\": {reason}", NotLoaded),
    (
        "Warning: Identity file {path} not accessible: {reason}.",
        NotLoaded,
    ),
    ("no such identity: {path}: {reason}", NotLoaded),
    ("Permissions {mode} for '{path}' are too open.", TooOpen),
    ("send_pubkey_test: no mutual signature algorithm", NoMutual),
    (
        "sign_and_send_pubkey: no mutual signature supported",
        NoMutual,
    ),
    (
        "sign_and_send_pubkey: signing failed for {type} \"{path}\" from agent: {reason}",
        AgentRefused,
    ),
    (
        "sign_and_send_pubkey: signing failed: {reason}",
        AgentRefused,
    ),
    (
        "Skipping {type} key {path} - corresponding algo not in {keyword}",
        Skipped,
    ),
    ("Skipping {type} key {path} - not in {keyword}", Skipped),
    ("read_passphrase: can't open {device}: {reason}", NoPrompt),
    ("Permission denied ({methods}).", Denied),
    ("Permission denied ().", Denied),
    ("{login}: Permission denied ().", Denied),
    ("{login}: Permission denied ({methods}).", Denied),
    (
        "Received disconnect from {host} port {port}:{code}: {text}",
        Disconnect,
    ),
    (
        "Received disconnect from {host}: {code}: {text}",
        Disconnect,
    ),
    ("Connection closed by {host} port {port}", Closed),
    ("Connection closed by {host}", Closed),
    ("Connection reset by {host} port {port}", Closed),
    (
        "kex_exchange_identification: Connection closed by remote host",
        Closed,
    ),
    ("kex_exchange_identification: read: {reason}", Closed),
    ("ssh_exchange_identification: {reason}", Closed),
    (
        "Authenticated to {host} ([{addr}]:{port}) using \"{method}\".",
        Success,
    ),
    (
        "Authenticated to {host} (via proxy) using \"{method}\".",
        Success,
    ),
    ("Authentication succeeded ({method}).", Success),
    ("Exit status {status}", Exit),
    // PuTTY, plink, pscp, psftp
    ("Looking up host \"{host}\" for SSH connection", Putty),
    ("Looking up host \"{host}\"", Putty),
    ("Connecting to {addr} port {port}", Connecting),
    ("Connected to {addr}", Connected),
    ("Failed to connect to {addr}: {reason}", Connecting),
    ("Network error: {reason}", Unreachable),
    ("Host does not exist", Unreachable),
    ("We claim version: {client}", Connected),
    ("Remote version: {server}", Server),
    ("Server version: {server}", Server),
    ("Couldn't agree a {kind} (available: {found})", NoCommon),
    ("WARNING - POTENTIAL SECURITY BREACH!", HostKeyChanged),
    (
        "The host key does not match the one {program} has cached for this server:",
        HostKeyChanged,
    ),
    (
        "The host key is not cached for this server:",
        HostKeyUnknown,
    ),
    (
        "The server's host key is not cached. You have no guarantee",
        HostKeyUnknown,
    ),
    ("Host key not in manually configured list", HostKeyUnknown),
    (
        "Host key did not appear in manually configured list",
        HostKeyUnknown,
    ),
    ("Using username \"{user}\".", User),
    ("Reading key file \"{path}\"", KeyFile),
    ("Reading private key file \"{path}\"", KeyFile),
    ("Offered public key", Offer),
    ("Trying Pageant key #{number}", Offer),
    ("Server refused our key", Refused),
    ("Offer of public key accepted", Accepts),
    ("Sent public key signature", Signed),
    ("Sending Pageant's response", Signed),
    (
        "Server refused public-key signature despite accepting key!",
        SignatureRefused,
    ),
    ("Further authentication required", Partial),
    ("Access granted", Success),
    ("Key file contains public key only", PublicOnly),
    ("Configured key file not in Pageant", NotInAgent),
    ("Pageant failed to respond to signing request", AgentRefused),
    ("Pageant failed to provide a signature", AgentRefused),
    (
        "Pageant failed to provide a signature ({reason})",
        AgentRefused,
    ),
    ("Pageant refused signing request", AgentRefused),
    ("Unable to load key ({reason})", NotLoaded),
    ("Unable to load key file \"{path}\" ({reason})", NotLoaded),
    // `OpenSSH SSH-2 private key (new format)`
    (
        "Unable to use this key file ({reason} ({detail}))",
        NotLoaded,
    ),
    (
        "Unable to use key file \"{path}\" ({reason} ({detail}))",
        NotLoaded,
    ),
    ("Unable to use this key file ({reason})", NotLoaded),
    ("Unable to use key file \"{path}\" ({reason})", NotLoaded),
    ("Unable to load private key ({reason})", NotLoaded),
    (
        "Unable to load private key file \"{path}\" ({reason})",
        NotLoaded,
    ),
    (
        "Unable to use this certificate file ({reason})",
        CertificateSkipped,
    ),
    (
        "Unable to use certificate file \"{path}\" ({reason})",
        CertificateSkipped,
    ),
    (
        "Not substituting certificate \"{path}\" for public key: {reason}",
        CertificateSkipped,
    ),
    ("Wrong passphrase", WrongPassphrase),
    ("Cannot answer interactive prompts in batch mode", NoPrompt),
    (
        "No supported authentication methods available (server sent: {methods})",
        Denied,
    ),
    (
        "No supported authentication methods available (server sent: )",
        Denied,
    ),
    (
        "Remote side sent disconnect message type {code} ({word}): \"{text}\"",
        Disconnect,
    ),
    ("type {code} ({word}):", Disconnect),
    ("Remote side unexpectedly closed network connection", Closed),
    ("Server unexpectedly closed network connection", Closed),
    ("Session sent command exit status {status}", Exit),
    ("Server sent command exit status {status}", Exit),
    // Others, in their midst
    (
        "Your account has expired; please contact your system administrator.",
        Says("pam-account-expired"),
    ),
    (
        "Your account has expired; please contact your system administrator",
        Says("pam-account-expired"),
    ),
    ("\"System is booting up. {rest}", Says("pam-nologin")),
    ("System is booting up. {rest}", Says("pam-nologin")),
    ("\"System is going down. {rest}", Says("pam-nologin")),
    ("System is going down. {rest}", Says("pam-nologin")),
    (
        "This account is currently not available.",
        Says("shell-nologin"),
    ),
    (
        "This service allows sftp connections only.",
        Says("internal-sftp-only"),
    ),
    (
        "WARNING: Your password has expired.",
        Says("password-expired-forced-change"),
    ),
    (
        "Please login as the user \"{other_user}\" rather than the user \"root\".",
        Says("root-cloud-image-banner"),
    ),
    (
        "subsystem request failed on channel {number}",
        Says("sftp-subsystem-missing"),
    ),
];

/// The templates, by how they begin.
pub(super) struct Index {
    starts: HashMap<[u8; 3], Vec<usize>>,
}

impl Index {
    pub(super) fn new() -> Index {
        let mut starts: HashMap<[u8; 3], Vec<usize>> = HashMap::new();
        for (n, (template, _)) in WORDS.iter().enumerate() {
            if let Some(first) = template.as_bytes().first_chunk() {
                starts.entry(*first).or_default().push(n);
            }
        }
        Index { starts }
    }

    /// What a message tells.
    pub(super) fn word(&self, text: &[u8]) -> Option<(Word, Args)> {
        let numbers = self.starts.get(text.first_chunk()?);
        for n in numbers.into_iter().flatten() {
            let (template, word) = WORDS.get(*n)?;
            if let Some(args) = logline::matches(template, text) {
                return Some((*word, args));
            }
        }
        // `alice@host: Permission denied (publickey).`
        let named = text.ends_with(b").") && text.len() < 512;
        let denied = WORDS
            .iter()
            .filter(|(t, _)| named && t.starts_with("{login}"));
        denied
            .filter_map(|(template, word)| Some((*word, logline::matches(template, text)?)))
            .next()
    }
}

/// Without what clients and terminals put before a message: the level of `ssh -v`, the time of
/// PuTTY's event log, the name of a program.
pub(super) fn bare(line: &[u8]) -> &[u8] {
    let mut text = line.trim_ascii();
    // `2024-05-01 10:11:12<TAB>Looking up host …`
    if let Some(tab) = text.iter().position(|b| *b == b'\t')
        && tab >= 19
        && text.get(..19).is_some_and(|t| {
            t.iter()
                .all(|b| b.is_ascii_digit() || matches!(b, b'-' | b':' | b' '))
        })
    {
        text = text.get(tab + 1..).unwrap_or_default().trim_ascii();
    }
    for start in [
        &b"debug1: "[..],
        b"debug2: ",
        b"debug3: ",
        b"Event Log: ",
        b"FATAL ERROR: ",
        b"plink: ",
        b"pscp: ",
        b"psftp: ",
    ] {
        text = text.strip_prefix(start).unwrap_or(text);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_template_is_found_by_its_own_words() {
        let index = Index::new();
        for (template, word) in WORDS {
            let mut text = String::new();
            let mut inside = false;
            for c in template.chars() {
                match c {
                    '{' => {
                        inside = true;
                        text.push('7');
                    }
                    '}' => inside = false,
                    c if !inside => text.push(c),
                    _ => {}
                }
            }
            let found = index.word(text.as_bytes()).map(|(w, _)| w);
            assert_eq!(found, Some(*word), "{text}");
        }
    }

    #[test]
    fn what_stands_before_a_message_goes() {
        for line in [
            "debug1: Offered public key",
            "2024-05-01 10:11:12\tOffered public key",
            "Event Log: Offered public key\r",
        ] {
            assert_eq!(bare(line.as_bytes()), b"Offered public key", "{line}");
        }
    }
}
