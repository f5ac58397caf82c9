//! Arguments to values: the cases of `process_server_config_line_depth`.

use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use crate::algorithms;
use crate::dialect::{Dialect, Tokenizer, Vendor};
use crate::keyword::Kw;
use crate::lex::Word;
use crate::pattern;
use crate::problem::{ProblemKind, Severity, vis};

/// The value of one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// One of a fixed set of words, in the spelling sshd prints (`yes`, `no`, `prohibit-password`, `INFO`…).
    Choice(&'static str),
    /// A number; times are in seconds.
    Int(i64),
    /// One string: a path, a command, a user name, a list of algorithms.
    Text(Vec<u8>),
    /// Several words.
    Words(Vec<Vec<u8>>),
    /// MaxStartups.
    Startups {
        /// Unauthenticated connections from which refusal begins.
        begin: i64,
        /// Percentage refused then. `None`: not given, the default stays.
        rate: Option<i64>,
        /// Connections from which all are refused.
        full: i64,
    },
    /// PerSourceNetBlockSize, in bits.
    NetBlock {
        /// IPv4.
        v4: i64,
        /// IPv6; `None`: not given.
        v6: Option<i64>,
    },
    /// RekeyLimit.
    Rekey {
        /// Bytes, 0 for the default.
        limit: i64,
        /// Seconds; `None`: not given or `none`.
        interval: Option<i64>,
    },
    /// IPQoS: the two classes as numbers, `None` for `none`.
    Qos(Option<u8>, Option<u8>),
    /// A Subsystem.
    Subsystem {
        /// Its name.
        name: Vec<u8>,
        /// Command and arguments as sshd keeps them.
        command: Vec<u8>,
    },
    /// PubkeyAuthOptions.
    AuthOptions {
        /// `touch-required`.
        touch: bool,
        /// `verify-required`.
        verify: bool,
    },
    /// ListenAddress.
    Listen {
        /// Host or address, brackets removed.
        host: Vec<u8>,
        /// 0: every Port.
        port: u16,
    },
}

/// Why a line has no value.
#[derive(Debug)]
pub(crate) struct Fail {
    pub(crate) severity: Severity,
    pub(crate) kind: ProblemKind,
    /// Index of the word at fault.
    pub(crate) word: Option<usize>,
    /// sshd's text after `FILE line N: `.
    pub(crate) message: Option<String>,
}

pub(crate) struct Input<'a> {
    pub(crate) kw: Kw,
    /// As typed.
    pub(crate) keyword: &'a [u8],
    pub(crate) words: &'a [Word],
    /// The rest of the line for the keywords that take it whole; `None` is C's NULL.
    pub(crate) rest: Option<&'a [u8]>,
    pub(crate) dialect: &'a Dialect,
    /// AuthenticationMethods were set before in what this line looks back on.
    pub(crate) methods_set: bool,
    /// Words appended by this very line count for that (the line is active).
    pub(crate) active: bool,
}

struct Args<'a> {
    input: &'a Input<'a>,
    at: usize,
}

const YES_NO: &[(&str, &str)] = &[("yes", "yes"), ("no", "no")];
const IGNORE_RHOSTS: &[(&str, &str)] =
    &[("yes", "yes"), ("no", "no"), ("shosts-only", "shosts-only")];
const FAMILY: &[(&str, &str)] = &[("inet", "inet"), ("inet6", "inet6"), ("any", "any")];
const ROOT: &[(&str, &str)] = &[
    ("without-password", "prohibit-password"),
    ("prohibit-password", "prohibit-password"),
    ("forced-commands-only", "forced-commands-only"),
    ("yes", "yes"),
    ("no", "no"),
];
const COMPRESSION: &[(&str, &str)] = &[("yes", "yes"), ("delayed", "yes"), ("no", "no")];
const GATEWAY: &[(&str, &str)] = &[
    ("clientspecified", "clientspecified"),
    ("yes", "yes"),
    ("no", "no"),
];
const TCPFWD: &[(&str, &str)] = &[
    ("yes", "yes"),
    ("all", "yes"),
    ("no", "no"),
    ("remote", "remote"),
    ("local", "local"),
];
const PRIVSEP: &[(&str, &str)] = &[
    ("yes", "nosandbox"),
    ("sandbox", "sandbox"),
    ("nosandbox", "nosandbox"),
    ("no", "no"),
];
const LEVELS: &[(&str, &str)] = &[
    ("QUIET", "QUIET"),
    ("SILENT", "SILENT"),
    ("FATAL", "FATAL"),
    ("ERROR", "ERROR"),
    ("INFO", "INFO"),
    ("VERBOSE", "VERBOSE"),
    ("DEBUG", "DEBUG"),
    ("DEBUG1", "DEBUG"),
    ("DEBUG2", "DEBUG2"),
    ("DEBUG3", "DEBUG3"),
];
const FACILITIES: &[(&str, &str)] = &[
    ("DAEMON", "DAEMON"),
    ("USER", "USER"),
    ("AUTH", "AUTH"),
    ("AUTHPRIV", "AUTHPRIV"),
    ("LOCAL0", "LOCAL0"),
    ("LOCAL1", "LOCAL1"),
    ("LOCAL2", "LOCAL2"),
    ("LOCAL3", "LOCAL3"),
    ("LOCAL4", "LOCAL4"),
    ("LOCAL5", "LOCAL5"),
    ("LOCAL6", "LOCAL6"),
    ("LOCAL7", "LOCAL7"),
];
const DIGESTS: &[(&str, &str)] = &[
    ("MD5", "MD5"),
    ("SHA1", "SHA1"),
    ("SHA256", "SHA256"),
    ("SHA384", "SHA384"),
    ("SHA512", "SHA512"),
];
const TUNNELS: [&str; 4] = ["no", "point-to-point", "ethernet", "yes"];

/// IPQoS names in sshd's order; the first name of a number is the one printed.
pub(crate) const QOS: &[(&str, Option<u8>)] = &[
    ("none", None),
    ("af11", Some(0x28)),
    ("af12", Some(0x30)),
    ("af13", Some(0x38)),
    ("af21", Some(0x48)),
    ("af22", Some(0x50)),
    ("af23", Some(0x58)),
    ("af31", Some(0x68)),
    ("af32", Some(0x70)),
    ("af33", Some(0x78)),
    ("af41", Some(0x88)),
    ("af42", Some(0x90)),
    ("af43", Some(0x98)),
    ("cs0", Some(0x00)),
    ("cs1", Some(0x20)),
    ("cs2", Some(0x40)),
    ("cs3", Some(0x60)),
    ("cs4", Some(0x80)),
    ("cs5", Some(0xa0)),
    ("cs6", Some(0xc0)),
    ("cs7", Some(0xe0)),
    ("ef", Some(0xb8)),
    ("le", Some(0x01)),
    ("lowdelay", Some(0x10)),
    ("throughput", Some(0x08)),
    ("reliability", Some(0x04)),
];

fn choose(table: &[(&str, &'static str)], value: &[u8]) -> Option<&'static str> {
    table
        .iter()
        .find(|(word, _)| word.as_bytes().eq_ignore_ascii_case(value))
        .map(|&(_, canonical)| canonical)
}

impl<'a> Args<'a> {
    fn next(&mut self) -> Option<&'a [u8]> {
        let word = self.input.words.get(self.at)?;
        self.at += 1;
        Some(&word.bytes)
    }

    fn fatal<T>(&self, kind: ProblemKind, message: impl Into<String>) -> Result<T, Fail> {
        Err(Fail {
            severity: Severity::Fatal,
            kind,
            word: self.at.checked_sub(1),
            message: Some(message.into()),
        })
    }

    fn error<T>(&self, kind: ProblemKind, message: impl Into<String>) -> Result<T, Fail> {
        Err(Fail {
            severity: Severity::Error,
            kind,
            word: self.at.checked_sub(1),
            message: Some(message.into()),
        })
    }

    fn keyword(&self) -> String {
        vis(self.input.keyword)
    }

    fn missing<T>(&self, message: impl Into<String>) -> Result<T, Fail> {
        Err(Fail {
            severity: Severity::Fatal,
            kind: ProblemKind::MissingArgument,
            word: None,
            message: Some(message.into()),
        })
    }

    fn bad<T>(&self, value: &[u8], message: impl Into<String>) -> Result<T, Fail> {
        self.fatal(
            ProblemKind::BadValue {
                value: value.to_vec(),
            },
            message,
        )
    }

    fn required(&mut self, message: &str) -> Result<&'a [u8], Fail> {
        match self.next() {
            Some(word) if !word.is_empty() => Ok(word),
            _ => self.missing(message),
        }
    }

    fn keyword_missing(&mut self) -> Result<&'a [u8], Fail> {
        let message = format!("{} missing argument.", self.keyword());
        self.required(&message)
    }

    fn multistate(&mut self, table: &[(&str, &'static str)]) -> Result<Value, Fail> {
        let word = self.required("missing argument.")?;
        match choose(table, word) {
            Some(choice) => Ok(Value::Choice(choice)),
            None => self.bad(word, format!("unsupported option \"{}\".", vis(word))),
        }
    }

    fn int(&mut self) -> Result<Value, Fail> {
        let word = self.next().unwrap_or_default();
        match strtonum(word, 0, i64::from(i32::MAX)) {
            Ok(n) => Ok(Value::Int(n)),
            Err(reason) => {
                let message = format!("{} integer value {reason}.", self.keyword());
                if word.is_empty() {
                    self.missing(message)
                } else {
                    self.bad(word, message)
                }
            }
        }
    }

    fn time(&mut self) -> Result<i64, Fail> {
        let word = self.required("missing time value.")?;
        match convtime(word) {
            Some(seconds) => Ok(seconds),
            None => self.bad(word, "invalid time value."),
        }
    }

    fn file(&mut self, message: &str) -> Result<Value, Fail> {
        let word = self.required(message)?;
        Ok(Value::Text(derelativise(word, self.input.dialect)))
    }

    fn key_algorithms(&mut self, ca_only: bool) -> Result<Value, Fail> {
        let dialect = self.input.dialect;
        let list = self.required("Missing argument.")?;
        if algorithms::key_list_valid(list, dialect, ca_only && dialect.quirks.ca_plain_only) {
            Ok(Value::Text(list.to_vec()))
        } else {
            self.fatal(
                ProblemKind::BadAlgorithmList {
                    list: list.to_vec(),
                },
                format!("Bad key types '{}'.", vis(list)),
            )
        }
    }

    fn named_algorithms(
        &mut self,
        what: &str,
        known: impl Fn(&[u8]) -> bool,
    ) -> Result<Value, Fail> {
        let list = self.keyword_missing()?;
        let prefixed = self.input.kw != Kw::GSSAPIKexAlgorithms;
        if algorithms::named_list_valid(list, self.input.dialect, prefixed, known) {
            Ok(Value::Text(list.to_vec()))
        } else {
            self.fatal(
                ProblemKind::BadAlgorithmList {
                    list: list.to_vec(),
                },
                format!("Bad {what} '{}'.", vis(list)),
            )
        }
    }

    /// Loops over arguments; 8.6 and older stop at an empty one.
    fn each(
        &mut self,
        mut take: impl FnMut(&mut Self, &'a [u8]) -> Result<(), Fail>,
    ) -> Result<usize, Fail> {
        let mut count = 0;
        while let Some(word) = self.next() {
            if word.is_empty() && self.input.dialect.quirks.tokenizer == Tokenizer::Strdelim {
                break;
            }
            take(self, word)?;
            count += 1;
        }
        Ok(count)
    }

    fn none_specified<T>(&self) -> Result<T, Fail> {
        self.missing(format!("no {} specified", self.keyword()))
    }

    fn list(&mut self, check: impl Fn(&Self, &[u8]) -> Result<(), Fail>) -> Result<Value, Fail> {
        let mut out = Vec::new();
        let count = self.each(|args, word| {
            check(args, word)?;
            out.push(word.to_vec());
            Ok(())
        })?;
        if count == 0 && self.input.dialect.quirks.empty_lists_refused {
            return self.none_specified();
        }
        Ok(Value::Words(out))
    }

    fn remaining(&self) -> usize {
        self.input.words.len().saturating_sub(self.at)
    }

    fn empty_argument<T>(&self) -> Result<T, Fail> {
        self.error(
            ProblemKind::MissingArgument,
            format!("keyword {} empty argument", self.keyword()),
        )
    }

    fn none_alone<T>(&self, word: &[u8]) -> Result<T, Fail> {
        self.error(
            ProblemKind::BadValue {
                value: word.to_vec(),
            },
            format!(
                "keyword {} \"none\" argument must appear alone.",
                self.keyword()
            ),
        )
    }

    fn files(&mut self) -> Result<Value, Fail> {
        let dialect = self.input.dialect;
        let mut out: Vec<Vec<u8>> = Vec::new();
        let count = self.each(|args, word| {
            if word.is_empty() {
                return args.empty_argument();
            }
            if dialect.quirks.keys_file_none_alone
                && word.eq_ignore_ascii_case(b"none")
                && (!out.is_empty() || args.remaining() > 0)
            {
                return args.none_alone(word);
            }
            out.push(tilde(word, dialect));
            Ok(())
        })?;
        if count == 0 && dialect.quirks.empty_lists_refused {
            return self.none_specified();
        }
        Ok(Value::Words(out))
    }

    fn rest_of_line(&self) -> Result<&'a [u8], Fail> {
        match self.input.rest {
            Some(rest) if !rest.is_empty() => {
                let blank = rest
                    .iter()
                    .take_while(|b| matches!(b, b' ' | b'\t' | b'\r' | b'\n'))
                    .count();
                Ok(rest.get(blank..).unwrap_or_default())
            }
            _ => self.missing(format!("{} missing argument.", self.keyword())),
        }
    }
}

/// The value of a line, and how many words it took (`None`: all, whatever they are).
#[allow(clippy::too_many_lines)]
pub(crate) fn parse(input: &Input<'_>) -> Result<(Option<Value>, Option<usize>), Fail> {
    let mut args = Args { input, at: 0 };
    let dialect = input.dialect;
    let value = match input.kw {
        Kw::Port => {
            let word = args.required("missing port number.")?;
            match a2port(word) {
                Some(port) if port > 0 => Value::Int(i64::from(port)),
                _ => return args.bad(word, "Badly formatted port number."),
            }
        }
        Kw::LoginGraceTime | Kw::ClientAliveInterval => Value::Int(args.time()?),
        Kw::UnusedConnectionTimeout => match input.words.first() {
            Some(word) if word.bytes.eq_ignore_ascii_case(b"none") => {
                args.at = 1;
                Value::Int(0)
            }
            _ => Value::Int(args.time()?),
        },
        Kw::ListenAddress => listen(&mut args)?,
        Kw::AddressFamily => args.multistate(FAMILY)?,
        Kw::HostKey | Kw::HostCertificate => match args.file("missing file name.")? {
            Value::Text(path) => Value::Words(vec![path]),
            other => other,
        },
        Kw::HostKeyAgent => {
            let word = args.required("missing socket name.")?;
            Value::Text(if word == b"SSH_AUTH_SOCK" {
                word.to_vec()
            } else {
                derelativise(word, dialect)
            })
        }
        Kw::PidFile
        | Kw::ModuliFile
        | Kw::XAuthLocation
        | Kw::Banner
        | Kw::TrustedUserCAKeys
        | Kw::SshdSessionPath
        | Kw::SshdAuthPath => args.file("missing file name.")?,
        Kw::RevokedKeys if dialect.quirks.revoked_keys_many => args.files()?,
        Kw::RevokedKeys => match args.file("missing file name.")? {
            Value::Text(path) => Value::Words(vec![path]),
            other => other,
        },
        Kw::PermitRootLogin => args.multistate(ROOT)?,
        Kw::IgnoreRhosts => args.multistate(IGNORE_RHOSTS)?,
        Kw::Compression => args.multistate(COMPRESSION)?,
        Kw::GatewayPorts => args.multistate(GATEWAY)?,
        Kw::AllowTcpForwarding | Kw::AllowStreamLocalForwarding => args.multistate(TCPFWD)?,
        Kw::UsePrivilegeSeparation => args.multistate(PRIVSEP)?,
        Kw::HostbasedAcceptedAlgorithms | Kw::HostKeyAlgorithms | Kw::PubkeyAcceptedAlgorithms => {
            args.key_algorithms(false)?
        }
        Kw::CASignatureAlgorithms => args.key_algorithms(true)?,
        Kw::Ciphers => args.named_algorithms("SSH2 cipher spec", |name| {
            algorithms::cipher_known(name, dialect)
        })?,
        Kw::Macs => {
            args.named_algorithms("SSH2 mac spec", |name| algorithms::mac_known(name, dialect))?
        }
        Kw::KexAlgorithms => args.named_algorithms("SSH2 KexAlgorithms", |name| {
            algorithms::kex_known(name, dialect)
        })?,
        Kw::GSSAPIKexAlgorithms => {
            args.named_algorithms("GSSAPI KexAlgorithms", algorithms::gss_kex_known)?
        }
        Kw::PubkeyAuthOptions => auth_options(&mut args)?,
        Kw::X11DisplayOffset
        | Kw::MaxAuthTries
        | Kw::MaxSessions
        | Kw::ClientAliveCountMax
        | Kw::RequiredRSASize => args.int()?,
        Kw::PermitUserEnvironment => {
            let word = args.keyword_missing()?;
            match word {
                b"yes" => Value::Choice("yes"),
                b"no" => Value::Choice("no"),
                list => Value::Text(list.to_vec()),
            }
        }
        Kw::RekeyLimit => rekey(&mut args)?,
        Kw::SyslogFacility => level(&mut args, FACILITIES, "facility")?,
        Kw::LogLevel => match level(&mut args, LEVELS, "level")? {
            // Debian keeps an old name, and prints it.
            Value::Choice("QUIET") if dialect.vendor == Vendor::Debian => Value::Choice("SILENT"),
            Value::Choice("SILENT") if dialect.vendor != Vendor::Debian => {
                return args.bad(b"SILENT", "unsupported log level 'SILENT'");
            }
            value => value,
        },
        Kw::LogVerbose => {
            let mut out: Vec<Vec<u8>> = Vec::new();
            let count = args.each(|args, word| {
                if word.is_empty() {
                    return args.empty_argument();
                }
                if word.eq_ignore_ascii_case(b"none") && (!out.is_empty() || args.remaining() > 0) {
                    return args.none_alone(word);
                }
                out.push(word.to_vec());
                Ok(())
            })?;
            if count == 0 && dialect.quirks.empty_lists_refused {
                return args.none_specified();
            }
            Value::Words(out)
        }
        Kw::AllowUsers | Kw::DenyUsers => args.list(|args, word| {
            if word.is_empty() || !pattern::user_pattern_valid(word, dialect.quirks.user_at_last) {
                return args.bad(
                    word,
                    format!("invalid {} pattern: \"{}\"", args.keyword(), vis(word)),
                );
            }
            Ok(())
        })?,
        Kw::AllowGroups | Kw::DenyGroups => args.list(|args, word| {
            if word.is_empty() {
                return args.bad(word, format!("empty {} pattern", args.keyword()));
            }
            Ok(())
        })?,
        Kw::AcceptEnv => args.list(|args, word| {
            if word.is_empty() || word.contains(&b'=') {
                return args.bad(word, "Invalid environment name.");
            }
            Ok(())
        })?,
        Kw::SetEnv => set_env(&mut args)?,
        Kw::Subsystem => subsystem(&mut args)?,
        Kw::MaxStartups => startups(&mut args)?,
        Kw::PerSourceNetBlockSize => net_block(&mut args)?,
        Kw::PerSourceMaxStartups => {
            let word = args.keyword_missing()?;
            if word == b"none" {
                Value::Int(i64::from(i32::MAX))
            } else {
                args.at = 0;
                args.int()?
            }
        }
        Kw::PerSourcePenaltyExemptList => {
            let word = args.required("missing argument.")?;
            if pattern::addr_match_list(None, word) == pattern::AddrMatch::Invalid {
                return args.bad(
                    word,
                    format!("keyword {} invalid address argument.", args.keyword()),
                );
            }
            Value::Text(word.to_vec())
        }
        Kw::PerSourcePenalties => crate::penalties::parse(input)?,
        Kw::AuthorizedKeysFile => args.files()?,
        Kw::AuthorizedPrincipalsFile => Value::Text(tilde(args.keyword_missing()?, dialect)),
        Kw::PermitTunnel => {
            let word = args.keyword_missing()?;
            match TUNNELS.iter().find(|name| name.as_bytes() == word) {
                Some(name) => Value::Choice(name),
                None => {
                    return args.bad(
                        word,
                        format!("bad {} argument {}", args.keyword(), vis(word)),
                    );
                }
            }
        }
        Kw::PermitOpen | Kw::PermitListen => permit_open(&mut args)?,
        Kw::ForceCommand => return Ok((Some(Value::Text(args.rest_of_line()?.to_vec())), None)),
        Kw::VersionAddendum => {
            // The code that means to cut at a # searches the keyword, which ends in a NUL by then.
            let text = args.rest_of_line()?;
            if text.contains(&b'\r') {
                return args.bad(text, format!("Invalid {} argument", args.keyword()));
            }
            let text = if text.eq_ignore_ascii_case(b"none") {
                Vec::new()
            } else {
                text.to_vec()
            };
            return Ok((Some(Value::Text(text)), None));
        }
        Kw::AuthorizedKeysCommand | Kw::AuthorizedPrincipalsCommand => {
            let command = match input.rest {
                Some(_) => args.rest_of_line().unwrap_or_default(),
                None => &[],
            };
            if command.first() != Some(&b'/') && !command.eq_ignore_ascii_case(b"none") {
                return args.bad(
                    command,
                    format!("{} must be an absolute path", args.keyword()),
                );
            }
            return Ok((Some(Value::Text(command.to_vec())), None));
        }
        Kw::ChrootDirectory => Value::Text(args.keyword_missing()?.to_vec()),
        Kw::AuthorizedKeysCommandUser | Kw::AuthorizedPrincipalsCommandUser => {
            let message = format!("missing {} argument.", args.keyword());
            Value::Text(args.required(&message)?.to_vec())
        }
        Kw::SecurityKeyProvider => {
            let word = args.keyword_missing()?;
            Value::Text(if word.eq_ignore_ascii_case(b"internal") {
                word.to_vec()
            } else {
                derelativise(word, dialect)
            })
        }
        Kw::PAMServiceName | Kw::AgentSocketPath => Value::Text(args.keyword_missing()?.to_vec()),
        Kw::IPQoS => ipqos(&mut args)?,
        Kw::AuthenticationMethods => authentication_methods(&mut args)?,
        Kw::StreamLocalBindMask => {
            let word = args.keyword_missing()?;
            match octal_prefix(word) {
                Some(mask) if mask <= 0o777 => Value::Int(mask),
                _ => return args.bad(word, format!("Invalid {}.", args.keyword())),
            }
        }
        Kw::FingerprintHash => {
            let word = args.keyword_missing()?;
            match choose(DIGESTS, word) {
                Some(name) => Value::Choice(name),
                None => {
                    return args.bad(
                        word,
                        format!("Invalid {} algorithm \"{}\".", args.keyword(), vis(word)),
                    );
                }
            }
        }
        Kw::RDomain => {
            return args.fatal(
                ProblemKind::BadValue { value: Vec::new() },
                "setting RDomain not supported on this platform.",
            );
        }
        Kw::ChannelTimeout => channel_timeout(&mut args)?,
        Kw::Include | Kw::Match => return Ok((None, None)),
        _ => args.multistate(YES_NO)?,
    };
    Ok((Some(value), Some(args.at)))
}

fn level(args: &mut Args<'_>, table: &[(&str, &'static str)], what: &str) -> Result<Value, Fail> {
    let word = args.next();
    match word.and_then(|word| choose(table, word)) {
        Some(name) => Ok(Value::Choice(name)),
        None => {
            let shown = word.map_or_else(|| String::from("<NONE>"), vis);
            let message = format!("unsupported log {what} '{shown}'");
            match word {
                Some(word) => args.bad(word, message),
                None => args.missing(message),
            }
        }
    }
}

fn auth_options(args: &mut Args<'_>) -> Result<Value, Fail> {
    let (mut touch, mut verify) = (false, false);
    args.each(|args, word| {
        if word.eq_ignore_ascii_case(b"touch-required") {
            touch = true;
        } else if word.eq_ignore_ascii_case(b"verify-required") {
            verify = true;
        } else if !word.eq_ignore_ascii_case(b"none")
            && !(word.starts_with(b"max-pk-ok:") && args.max_pk_ok())
        {
            return args.error(
                ProblemKind::BadValue {
                    value: word.to_vec(),
                },
                format!("unsupported {} option {}", args.keyword(), vis(word)),
            );
        }
        Ok(())
    })?;
    Ok(Value::AuthOptions { touch, verify })
}

impl Args<'_> {
    /// 10.6 knows `max-pk-ok:N`.
    fn max_pk_ok(&self) -> bool {
        self.input.dialect.knows(Kw::WarnWeakCrypto)
    }
}

fn rekey(args: &mut Args<'_>) -> Result<Value, Fail> {
    let word = args.keyword_missing()?;
    let limit = if word == b"default" {
        0
    } else {
        match scan_scaled(word) {
            Ok(n) if n == 0 || n >= 16 => n,
            Ok(_) => return args.bad(word, format!("{} too small", args.keyword())),
            Err(reason) => {
                return args.bad(
                    word,
                    format!("Bad {} number '{}': {reason}", args.keyword(), vis(word)),
                );
            }
        }
    };
    let interval = match args.input.words.get(1) {
        None => None,
        Some(word) if word.bytes == b"none" => {
            args.at = 2;
            None
        }
        Some(_) => Some(args.time()?),
    };
    Ok(Value::Rekey { limit, interval })
}

fn set_env(args: &mut Args<'_>) -> Result<Value, Fail> {
    let mut out: Vec<Vec<u8>> = Vec::new();
    let count = args.each(|args, word| {
        let Some(equals) = word.iter().position(|&b| b == b'=') else {
            return args.bad(word, "Invalid environment.");
        };
        let name = word.get(..=equals).unwrap_or_default();
        if !out.iter().any(|earlier| earlier.starts_with(name)) {
            out.push(word.to_vec());
        }
        Ok(())
    })?;
    if count == 0 && args.input.dialect.quirks.empty_lists_refused {
        return args.none_specified();
    }
    Ok(Value::Words(out))
}

fn subsystem(args: &mut Args<'_>) -> Result<Value, Fail> {
    let name = args.keyword_missing()?.to_vec();
    let program = match args.next() {
        Some(word) if !word.is_empty() => word,
        _ => return args.missing("Missing subsystem command."),
    };
    let quoting = args.input.dialect.quirks.subsystem_quoting;
    let mut command = Vec::new();
    let add = |word: &[u8], command: &mut Vec<u8>| {
        if quoting {
            let blank = word.iter().any(|b| matches!(b, b' ' | b'\t'));
            if blank {
                command.push(b'"');
            }
            for &b in word {
                if matches!(b, b'\'' | b'"' | b'\\') {
                    command.push(b'\\');
                }
                command.push(b);
            }
            if blank {
                command.push(b'"');
            }
        } else {
            command.extend_from_slice(word);
        }
    };
    add(program, &mut command);
    while let Some(word) = args.next() {
        command.push(b' ');
        add(word, &mut command);
    }
    Ok(Value::Subsystem { name, command })
}

fn startups(args: &mut Args<'_>) -> Result<Value, Fail> {
    let word = args.keyword_missing()?;
    let numbers = scan_numbers(word);
    let value = match numbers.as_slice() {
        &[begin, rate, full] if begin <= full && (1..=100).contains(&rate) => {
            Some(Value::Startups {
                begin,
                rate: Some(rate),
                full,
            })
        }
        &[begin] => Some(Value::Startups {
            begin,
            rate: None,
            full: begin,
        }),
        _ => None,
    };
    match value {
        Some(Value::Startups { begin, rate, full }) if begin > 0 && full > 0 => {
            Ok(Value::Startups { begin, rate, full })
        }
        _ => args.bad(word, format!("Invalid {} spec.", args.keyword())),
    }
}

fn net_block(args: &mut Args<'_>) -> Result<Value, Fail> {
    let word = args.keyword_missing()?;
    match scan_numbers(word).as_slice() {
        &[v4] if (0..=32).contains(&v4) => Ok(Value::NetBlock { v4, v6: None }),
        &[v4, v6, ..] if (0..=32).contains(&v4) && (0..=128).contains(&v6) => {
            Ok(Value::NetBlock { v4, v6: Some(v6) })
        }
        _ => args.bad(word, format!("Invalid {} spec.", args.keyword())),
    }
}

fn permit_open(args: &mut Args<'_>) -> Result<Value, Fail> {
    let listen = args.input.kw == Kw::PermitListen;
    let strict = args.input.dialect.quirks.permit_open_strict;
    let first = args.keyword_missing()?;
    args.at = 0;
    if !strict && (first == b"any" || first == b"none") {
        args.at = 1;
        return Ok(Value::Words(vec![first.to_vec()]));
    }
    let mut out: Vec<Vec<u8>> = Vec::new();
    while let Some(word) = args.next() {
        if strict && (word == b"any" || word == b"none") {
            if !out.is_empty() {
                return args.bad(
                    word,
                    format!(
                        "{} must appear alone on a {} line.",
                        vis(word),
                        args.keyword()
                    ),
                );
            }
            out.push(word.to_vec());
            continue;
        }
        if word.is_empty() && !strict {
            break;
        }
        let (kept, port) = if listen && !word.contains(&b':') {
            let mut kept = b"*:".to_vec();
            kept.extend_from_slice(word);
            (kept, Some(word))
        } else {
            match hpdelim(word) {
                Some((_, rest)) => (word.to_vec(), rest),
                None => return args.bad(word, format!("{} missing host", args.keyword())),
            }
        };
        if !port.is_some_and(|port| port == b"*" || a2port(port).is_some()) {
            return args.bad(word, format!("{} bad port number", args.keyword()));
        }
        out.push(kept);
    }
    Ok(Value::Words(out))
}

fn ipqos(args: &mut Args<'_>) -> Result<Value, Fail> {
    let first = args.keyword_missing()?;
    let take = |args: &Args<'_>, word: &[u8]| match parse_qos(word, args.input.dialect) {
        Some(value) => Ok(value),
        None => args.bad(word, format!("Bad {} value: {}", args.keyword(), vis(word))),
    };
    let interactive = take(args, first)?;
    let bulk = match args.next() {
        None => interactive,
        Some(word) => take(args, word)?,
    };
    Ok(Value::Qos(interactive, bulk))
}

#[allow(clippy::option_option)]
fn parse_qos(word: &[u8], dialect: &Dialect) -> Option<Option<u8>> {
    if let Some(&(name, value)) = QOS
        .iter()
        .find(|(name, _)| name.as_bytes().eq_ignore_ascii_case(word))
    {
        let tos = matches!(name, "lowdelay" | "throughput" | "reliability");
        return Some(if tos && dialect.quirks.ipqos_tos_ignored {
            None
        } else {
            value
        });
    }
    let text = core::str::from_utf8(word).ok()?;
    let text = text.trim_start().trim_start_matches('+');
    let number = if let Some(hex) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        u8::from_str_radix(hex, 16)
    } else if text.len() > 1 && text.starts_with('0') {
        u8::from_str_radix(text, 8)
    } else {
        text.parse()
    };
    number.ok().map(Some)
}

fn authentication_methods(args: &mut Args<'_>) -> Result<Value, Fail> {
    let looks_back = args.input.dialect.quirks.any_looks_back;
    let already = looks_back && args.input.methods_set;
    let mut any = false;
    let mut out: Vec<Vec<u8>> = Vec::new();
    args.each(|args, word| {
        let alone = |args: &Args<'_>| {
            args.fatal(
                ProblemKind::BadValue {
                    value: word.to_vec(),
                },
                format!("\"any\" must appear alone in {}", args.keyword()),
            )
        };
        if word == b"any" {
            // The older code asks what the options hold, which this line fills only when it is active.
            let before = if looks_back {
                already || args.input.active && !out.is_empty()
            } else {
                !out.is_empty()
            };
            if before {
                return alone(args);
            }
            any = true;
        } else if any {
            return alone(args);
        } else if !methods_valid(word, args.input.dialect) {
            return args.bad(word, format!("invalid {} method list.", args.keyword()));
        }
        out.push(word.to_vec());
        Ok(())
    })?;
    if out.is_empty() {
        return args.none_specified();
    }
    Ok(Value::Words(out))
}

/// `auth2_methods_valid` without asking whether they are enabled.
pub(crate) fn methods_valid(list: &[u8], dialect: &Dialect) -> bool {
    !list.is_empty()
        && list
            .split(|&b| b == b',')
            .all(|method| method_known(method_name(method), dialect))
}

/// A method without its `:device`.
pub(crate) fn method_name(method: &[u8]) -> &[u8] {
    method.split(|&b| b == b':').next().unwrap_or_default()
}

fn method_known(name: &[u8], dialect: &Dialect) -> bool {
    match name {
        b"none" | b"publickey" | b"password" | b"keyboard-interactive" | b"hostbased" => true,
        b"gssapi-with-mic" => dialect.features.gssapi,
        b"gssapi-keyex" => dialect.knows(Kw::GSSAPIKeyExchange),
        _ => false,
    }
}

fn channel_timeout(args: &mut Args<'_>) -> Result<Value, Fail> {
    let mut out: Vec<Vec<u8>> = Vec::new();
    let count = args.each(|args, word| {
        if word.eq_ignore_ascii_case(b"none") {
            if !out.is_empty() || args.remaining() > 0 {
                return args.none_alone(word);
            }
        } else {
            let equals = word.iter().position(|&b| b == b'=');
            let valid =
                equals.is_some_and(|at| at > 0 && word.get(at + 1..).and_then(convtime).is_some());
            if !valid {
                return args.bad(word, format!("invalid channel timeout {}", vis(word)));
            }
        }
        out.push(word.to_vec());
        Ok(())
    })?;
    if count == 0 && args.input.dialect.quirks.empty_lists_refused {
        return args.none_specified();
    }
    Ok(Value::Words(out))
}

fn listen(args: &mut Args<'_>) -> Result<Value, Fail> {
    let word = args.required("missing address")?;
    let colons = word.iter().filter(|&&b| b == b':').count();
    let (host, port) = if !word.contains(&b'[') && colons >= 2 {
        (word.to_vec(), 0)
    } else {
        let Some((host, port)) = hpdelim(word) else {
            return args.bad(word, "bad address:port usage");
        };
        let port = match port {
            None => 0,
            Some(text) => match a2port(text) {
                Some(port) if port > 0 => port,
                _ => return args.bad(word, "bad port number"),
            },
        };
        let host = match host {
            [b'[', inner @ .., b']'] => inner,
            other => other,
        };
        (host.to_vec(), port)
    };
    if let Some(next) = args.next() {
        if next != b"rdomain" || args.next().is_none() {
            return args.bad(next, "bad ListenAddress syntax");
        }
        return args.bad(next, "bad routing domain");
    }
    Ok(Value::Listen { host, port })
}

/// `hpdelim`: host and what follows `:`; a `/` is refused.
fn hpdelim(text: &[u8]) -> Option<(&[u8], Option<&[u8]>)> {
    let at = if text.first() == Some(&b'[') {
        text.iter().position(|&b| b == b']')? + 1
    } else {
        text.iter()
            .position(|&b| matches!(b, b':' | b'/'))
            .unwrap_or(text.len())
    };
    match text.get(at) {
        None => Some((text, None)),
        Some(b':') => Some((text.get(..at)?, text.get(at + 1..))),
        Some(_) => None,
    }
}

/// `strtonum`.
pub(crate) fn strtonum(text: &[u8], low: i64, high: i64) -> Result<i64, &'static str> {
    if text.is_empty() {
        return Err("missing");
    }
    let (number, used, overflow) = strtoll(text).ok_or("invalid")?;
    if used != text.len() {
        return Err("invalid");
    }
    if overflow {
        return Err(if number < 0 { "too small" } else { "too large" });
    }
    if number < low {
        Err("too small")
    } else if number > high {
        Err("too large")
    } else {
        Ok(number)
    }
}

/// `strtoll` base 10: value, bytes used, overflow.
fn strtoll(text: &[u8]) -> Option<(i64, usize, bool)> {
    let blank = text
        .iter()
        .take_while(|b| b.is_ascii_whitespace() || **b == 0x0b)
        .count();
    let (negative, sign) = match text.get(blank) {
        Some(b'-') => (true, 1),
        Some(b'+') => (false, 1),
        _ => (false, 0),
    };
    let digits = text
        .get(blank + sign..)?
        .iter()
        .take_while(|b| b.is_ascii_digit());
    let (mut value, mut count, mut overflow) = (0i64, 0usize, false);
    for d in digits {
        count += 1;
        let digit = i64::from(d - b'0');
        let next = value.checked_mul(10).and_then(|v| {
            if negative {
                v.checked_sub(digit)
            } else {
                v.checked_add(digit)
            }
        });
        match next {
            Some(next) => value = next,
            None => {
                overflow = true;
                value = if negative { i64::MIN } else { i64::MAX };
            }
        }
    }
    (count > 0).then_some((value, blank + sign + count, overflow))
}

/// `sscanf("%d:%d:%d")`.
fn scan_numbers(text: &[u8]) -> Vec<i64> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some((number, used, _)) = strtoll(rest) {
        // %d stores an int.
        #[allow(clippy::cast_possible_truncation)]
        let stored = i64::from(number as i32);
        out.push(stored);
        rest = rest.get(used..).unwrap_or_default();
        match rest {
            [b':', tail @ ..] if out.len() < 3 => rest = tail,
            _ => break,
        }
    }
    out
}

/// `a2port`: a number or a well-known service name.
pub(crate) fn a2port(text: &[u8]) -> Option<u16> {
    if let Ok(port) = strtonum(text, 0, 65535) {
        return u16::try_from(port).ok();
    }
    // getservbyname() of names found in every services file.
    match text {
        b"ssh" => Some(22),
        b"domain" => Some(53),
        b"http" => Some(80),
        b"https" => Some(443),
        b"ldap" => Some(389),
        b"smtp" => Some(25),
        b"telnet" => Some(23),
        _ => None,
    }
}

/// `convtime`: seconds.
#[must_use]
pub fn convtime(text: &[u8]) -> Option<i64> {
    if text.is_empty() {
        return None;
    }
    let limit = i64::from(i32::MAX);
    let (mut total, mut rest) = (0i64, text);
    while !rest.is_empty() {
        let (number, used, overflow) = strtoll(rest)?;
        if number < 0 || overflow {
            return None;
        }
        rest = rest.get(used..)?;
        let unit = match rest.first() {
            None => 1,
            Some(b's' | b'S') => 1,
            Some(b'm' | b'M') => 60,
            Some(b'h' | b'H') => 3600,
            Some(b'd' | b'D') => 86400,
            Some(b'w' | b'W') => 604_800,
            Some(_) => return None,
        };
        rest = rest.get(1..).unwrap_or_default();
        let seconds = number.checked_mul(unit).filter(|&s| s <= limit)?;
        total = total.checked_add(seconds).filter(|&t| t <= limit)?;
    }
    Some(total)
}

fn octal_prefix(text: &[u8]) -> Option<i64> {
    let blank = text.iter().take_while(|b| b.is_ascii_whitespace()).count();
    let rest = text.get(blank..)?;
    let rest = rest.strip_prefix(b"+").unwrap_or(rest);
    let digits: Vec<u8> = rest
        .iter()
        .copied()
        .take_while(|b| (b'0'..=b'7').contains(b))
        .collect();
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0i64, |n, d| {
        n.checked_mul(8)?.checked_add(i64::from(d - b'0'))
    })
}

/// `scan_scaled`: a number with an optional fraction and one of `BKMGTPE`.
fn scan_scaled(text: &[u8]) -> Result<i64, &'static str> {
    const INVALID: &str = "Invalid argument";
    const RANGE: &str = "Numerical result out of range";
    let blank = text.iter().take_while(|b| b.is_ascii_whitespace()).count();
    let rest = text.get(blank..).unwrap_or_default();
    let (negative, rest) = match rest {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, rest),
    };
    let whole_digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
    let mut whole = 0i64;
    for d in rest.get(..whole_digits).unwrap_or_default() {
        whole = whole
            .checked_mul(10)
            .and_then(|w| w.checked_add(i64::from(d - b'0')))
            .ok_or(RANGE)?;
    }
    let mut tail = rest.get(whole_digits..).unwrap_or_default();
    let (mut fraction, mut fraction_digits) = (0i64, 0u32);
    if let [b'.', after @ ..] = tail {
        let digits = after.iter().take_while(|b| b.is_ascii_digit()).count();
        for d in after.get(..digits).unwrap_or_default().iter().take(16) {
            fraction = fraction * 10 + i64::from(d - b'0');
            fraction_digits += 1;
        }
        tail = after.get(digits..).unwrap_or_default();
    }
    if whole_digits == 0 && fraction_digits == 0 {
        return Err(INVALID);
    }
    let scale = match tail {
        [] => return Ok(if negative { -whole } else { whole }),
        [unit] => match unit.to_ascii_uppercase() {
            b'B' => 1i64,
            b'K' => 1 << 10,
            b'M' => 1 << 20,
            b'G' => 1 << 30,
            b'T' => 1 << 40,
            b'P' => 1 << 50,
            b'E' => 1 << 60,
            _ => return Err(INVALID),
        },
        _ => return Err(INVALID),
    };
    let value = whole.checked_mul(scale).ok_or(RANGE)?;
    let divisor = 10i128.pow(fraction_digits);
    let part =
        i64::try_from(i128::from(fraction) * i128::from(scale) / divisor).map_err(|_| RANGE)?;
    let value = value.checked_add(part).ok_or(RANGE)?;
    Ok(if negative { -value } else { value })
}

/// `tilde_expand_filename` for the daemon's own user. `~name` needs the password database, which this crate does not
/// have: it stays as written.
pub(crate) fn tilde(path: &[u8], dialect: &Dialect) -> Vec<u8> {
    let rest = match path {
        b"~" => &[][..],
        [b'~', b'/', rest @ ..] => {
            let slashes = rest.iter().take_while(|&&b| b == b'/').count();
            rest.get(slashes..).unwrap_or_default()
        }
        _ => return path.to_vec(),
    };
    let mut out = dialect.daemon_home.to_vec();
    if out.last() != Some(&b'/') {
        out.push(b'/');
    }
    out.extend_from_slice(rest);
    out
}

/// `derelativise_path`.
pub(crate) fn derelativise(path: &[u8], dialect: &Dialect) -> Vec<u8> {
    if path.eq_ignore_ascii_case(b"none") {
        return b"none".to_vec();
    }
    let expanded = tilde(path, dialect);
    if expanded.first() == Some(&b'/') {
        return expanded;
    }
    let mut out = dialect.working_directory.to_vec();
    out.push(b'/');
    out.extend_from_slice(&expanded);
    out
}

/// Can it be an address, or a name somebody may resolve? Whether a name resolves is not ours to know.
pub(crate) fn may_resolve(host: &[u8]) -> bool {
    pattern::parse_address(host).is_some()
        || !host.is_empty()
            && host
                .iter()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
        || host.contains(&b'%')
}
