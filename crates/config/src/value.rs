//! Arguments to values: the cases of `process_server_config_line_depth`.

use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use crate::algorithms;
use crate::dialect::{Dialect, Tokenizer, Vendor};
use crate::forms::{
    auth_options, authentication_methods, channel_timeout, ipqos, level, listen, net_block,
    permit_open, rekey, set_env, startups, subsystem,
};
use crate::keyword::Kw;
use crate::lex::Word;
use crate::pattern;
use crate::problem::{ProblemKind, Severity, vis};
use crate::scan::{a2port, convtime, convtime_decimal, octal_prefix, strtonum};

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

pub(crate) struct Args<'a> {
    pub(crate) input: &'a Input<'a>,
    pub(crate) at: usize,
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

pub(crate) fn choose(table: &[(&str, &'static str)], value: &[u8]) -> Option<&'static str> {
    table
        .iter()
        .find(|(word, _)| word.as_bytes().eq_ignore_ascii_case(value))
        .map(|&(_, canonical)| canonical)
}

impl<'a> Args<'a> {
    pub(crate) fn next(&mut self) -> Option<&'a [u8]> {
        let word = self.input.words.get(self.at)?;
        self.at += 1;
        Some(&word.bytes)
    }

    pub(crate) fn fatal<T>(
        &self,
        kind: ProblemKind,
        message: impl Into<String>,
    ) -> Result<T, Fail> {
        Err(Fail {
            severity: Severity::Fatal,
            kind,
            word: self.at.checked_sub(1),
            message: Some(message.into()),
        })
    }

    pub(crate) fn error<T>(
        &self,
        kind: ProblemKind,
        message: impl Into<String>,
    ) -> Result<T, Fail> {
        Err(Fail {
            severity: Severity::Error,
            kind,
            word: self.at.checked_sub(1),
            message: Some(message.into()),
        })
    }

    pub(crate) fn keyword(&self) -> String {
        vis(self.input.keyword)
    }

    pub(crate) fn missing<T>(&self, message: impl Into<String>) -> Result<T, Fail> {
        Err(Fail {
            severity: Severity::Fatal,
            kind: ProblemKind::MissingArgument,
            word: None,
            message: Some(message.into()),
        })
    }

    pub(crate) fn bad<T>(&self, value: &[u8], message: impl Into<String>) -> Result<T, Fail> {
        self.fatal(
            ProblemKind::BadValue {
                value: value.to_vec(),
            },
            message,
        )
    }

    pub(crate) fn required(&mut self, message: &str) -> Result<&'a [u8], Fail> {
        match self.next() {
            Some(word) if !word.is_empty() => Ok(word),
            _ => self.missing(message),
        }
    }

    pub(crate) fn keyword_missing(&mut self) -> Result<&'a [u8], Fail> {
        let message = format!("{} missing argument.", self.keyword());
        self.required(&message)
    }

    pub(crate) fn multistate(&mut self, table: &[(&str, &'static str)]) -> Result<Value, Fail> {
        let word = self.required("missing argument.")?;
        match choose(table, word) {
            Some(choice) => Ok(Value::Choice(choice)),
            None => self.bad(word, format!("unsupported option \"{}\".", vis(word))),
        }
    }

    pub(crate) fn int(&mut self) -> Result<Value, Fail> {
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

    pub(crate) fn time(&mut self) -> Result<i64, Fail> {
        let word = self.required("missing time value.")?;
        match time_value(word, self.input.dialect) {
            Some(seconds) => Ok(seconds),
            None => self.bad(word, "invalid time value."),
        }
    }

    pub(crate) fn file(&mut self, message: &str) -> Result<Value, Fail> {
        let word = self.required(message)?;
        Ok(Value::Text(derelativise(word, self.input.dialect)))
    }

    pub(crate) fn key_algorithms(&mut self, ca_only: bool) -> Result<Value, Fail> {
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

    pub(crate) fn named_algorithms(
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
    pub(crate) fn each(
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

    pub(crate) fn none_specified<T>(&self) -> Result<T, Fail> {
        self.missing(format!("no {} specified", self.keyword()))
    }

    pub(crate) fn list(
        &mut self,
        check: impl Fn(&Self, &[u8]) -> Result<(), Fail>,
    ) -> Result<Value, Fail> {
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

    pub(crate) fn remaining(&self) -> usize {
        self.input.words.len().saturating_sub(self.at)
    }

    pub(crate) fn empty_argument<T>(&self) -> Result<T, Fail> {
        self.error(
            ProblemKind::MissingArgument,
            format!("keyword {} empty argument", self.keyword()),
        )
    }

    pub(crate) fn none_alone<T>(&self, word: &[u8]) -> Result<T, Fail> {
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

    pub(crate) fn files(&mut self) -> Result<Value, Fail> {
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

    pub(crate) fn rest_of_line(&self) -> Result<&'a [u8], Fail> {
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

/// `convtime` of this build.
pub(crate) fn time_value(word: &[u8], dialect: &Dialect) -> Option<i64> {
    if dialect.quirks.decimal_times {
        convtime_decimal(word)
    } else {
        convtime(word)
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
            match a2port(word, dialect.services.as_ref()) {
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
    let last = host.rsplit(|&b| b == b'.').next().unwrap_or_default();
    pattern::parse_address(host).is_some()
        || !last.iter().all(u8::is_ascii_digit)
            && host
                .iter()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
        || host.contains(&b'%')
}
