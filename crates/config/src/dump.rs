//! The effective configuration in the shape of `sshd -T`, to be held against the real program.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::net::IpAddr;

use crate::config::Line;
use crate::criteria::Tri;
use crate::dialect::{Dialect, DumpCase, Vendor, Version};
use crate::effective::Effective;
use crate::forms::QOS;
use crate::keyword::Kw;
use crate::pattern;
use crate::penalties;
use crate::value::Value;

const INTS: &[Kw] = &[
    Kw::LoginGraceTime,
    Kw::X11DisplayOffset,
    Kw::MaxAuthTries,
    Kw::MaxSessions,
    Kw::ClientAliveInterval,
    Kw::ClientAliveCountMax,
    Kw::RequiredRSASize,
];

const CHOICES: &[Kw] = &[
    Kw::PermitRootLogin,
    Kw::IgnoreRhosts,
    Kw::IgnoreUserKnownHosts,
    Kw::HostbasedAuthentication,
    Kw::HostbasedUsesNameFromPacketOnly,
    Kw::PubkeyAuthentication,
    Kw::KerberosAuthentication,
    Kw::KerberosOrLocalPasswd,
    Kw::KerberosTicketCleanup,
    Kw::GSSAPIAuthentication,
    Kw::GSSAPICleanupCredentials,
    Kw::GSSAPIKeyExchange,
    Kw::GSSAPIDelegateCredentials,
    Kw::GSSAPIStrictAcceptorCheck,
    Kw::GSSAPIStoreCredentialsOnRekey,
    Kw::PasswordAuthentication,
    Kw::KbdInteractiveAuthentication,
    Kw::ChallengeResponseAuthentication,
    Kw::PrintMotd,
    Kw::PrintLastLog,
    Kw::X11Forwarding,
    Kw::X11UseLocalhost,
    Kw::PermitTTY,
    Kw::PermitUserRC,
    Kw::StrictModes,
    Kw::TCPKeepAlive,
    Kw::PermitEmptyPasswords,
    Kw::Compression,
    Kw::GatewayPorts,
    Kw::UseDNS,
    Kw::AllowTcpForwarding,
    Kw::AllowAgentForwarding,
    Kw::DisableForwarding,
    Kw::AllowStreamLocalForwarding,
    Kw::StreamLocalBindUnlink,
    Kw::FingerprintHash,
    Kw::ExposeAuthInfo,
    Kw::WarnWeakCrypto,
    Kw::RefuseConnection,
    Kw::DebianBanner,
];

const TEXTS: &[Kw] = &[
    Kw::PidFile,
    Kw::ModuliFile,
    Kw::XAuthLocation,
    Kw::Ciphers,
    Kw::Macs,
    Kw::Banner,
    Kw::ForceCommand,
    Kw::ChrootDirectory,
    Kw::TrustedUserCAKeys,
    Kw::SecurityKeyProvider,
    Kw::AuthorizedPrincipalsFile,
    Kw::VersionAddendum,
    Kw::AuthorizedKeysCommand,
    Kw::AuthorizedKeysCommandUser,
    Kw::AuthorizedPrincipalsCommand,
    Kw::AuthorizedPrincipalsCommandUser,
    Kw::HostKeyAgent,
    Kw::KexAlgorithms,
    Kw::CASignatureAlgorithms,
    Kw::HostbasedAcceptedAlgorithms,
    Kw::HostKeyAlgorithms,
    Kw::PubkeyAcceptedAlgorithms,
    Kw::SshdSessionPath,
    Kw::SshdAuthPath,
    Kw::PerSourcePenaltyExemptList,
    Kw::AgentSocketPath,
];

const LISTS: &[Kw] = &[
    Kw::HostKey,
    Kw::HostCertificate,
    Kw::AllowUsers,
    Kw::DenyUsers,
    Kw::AllowGroups,
    Kw::DenyGroups,
    Kw::AcceptEnv,
    Kw::SetEnv,
];

struct Out<'d> {
    dialect: &'d Dialect,
    lines: Vec<Vec<u8>>,
}

impl Out<'_> {
    fn line(&mut self, kw: Kw, value: &[u8]) {
        let mut line = self.dialect.printed_name(kw).as_bytes().to_vec();
        line.push(b' ');
        line.extend_from_slice(value);
        self.lines.push(line);
    }

    fn words(&mut self, kw: Kw, words: &[&[u8]]) {
        self.line(kw, &words.join(&b' '));
    }
}

impl Effective<'_> {
    /// Lines as `sshd -T` prints them for this connection, without line ends.
    #[must_use]
    pub fn dump(&self) -> Vec<Vec<u8>> {
        let dialect = self.config().dialect();
        let mut out = Out {
            dialect,
            lines: Vec::new(),
        };
        let ports = self.ports();
        for port in &ports {
            out.line(Kw::Port, port.to_string().as_bytes());
        }
        out.line(
            Kw::AddressFamily,
            self.choice(Kw::AddressFamily).value.as_bytes(),
        );
        self.listen_addresses(&ports, &mut out);
        if dialect.knows(Kw::UsePAM) {
            out.line(Kw::UsePAM, self.choice(Kw::UsePAM).value.as_bytes());
            if dialect.knows(Kw::PAMServiceName) {
                out.line(
                    Kw::PAMServiceName,
                    self.text(Kw::PAMServiceName).value.unwrap_or(b"none"),
                );
            }
        }
        for &kw in INTS.iter().filter(|kw| dialect.knows(**kw)) {
            out.line(kw, self.int(kw).value.to_string().as_bytes());
        }
        out.line(
            Kw::StreamLocalBindMask,
            format!("0{:o}", self.int(Kw::StreamLocalBindMask).value).as_bytes(),
        );
        if dialect.knows(Kw::UnusedConnectionTimeout) {
            let seconds = self.int(Kw::UnusedConnectionTimeout).value;
            let text = if seconds == 0 {
                String::from("none")
            } else {
                seconds.to_string()
            };
            out.line(Kw::UnusedConnectionTimeout, text.as_bytes());
        }
        for &kw in CHOICES.iter().filter(|kw| prints(dialect, **kw)) {
            out.line(
                kw,
                choice_text(dialect, kw, self.choice(kw).value).as_bytes(),
            );
        }
        self.dump_texts(&mut out);
        out.line(Kw::LogLevel, self.choice(Kw::LogLevel).value.as_bytes());
        out.line(
            Kw::SyslogFacility,
            self.choice(Kw::SyslogFacility).value.as_bytes(),
        );
        self.dump_words(&mut out);
        self.dump_rest(&mut out);
        out.lines
    }

    fn dump_texts(&self, out: &mut Out<'_>) {
        let dialect = out.dialect;
        for &kw in TEXTS.iter().filter(|kw| dialect.knows(**kw)) {
            match kw {
                Kw::Ciphers
                | Kw::Macs
                | Kw::KexAlgorithms
                | Kw::CASignatureAlgorithms
                | Kw::HostbasedAcceptedAlgorithms
                | Kw::HostKeyAlgorithms
                | Kw::PubkeyAcceptedAlgorithms => {
                    out.line(kw, self.algorithms(kw).value.join(",").as_bytes())
                }
                Kw::VersionAddendum => {
                    let text = self.text(kw).value.filter(|text| !text.is_empty());
                    out.line(kw, text.unwrap_or(b"none"));
                }
                Kw::AuthorizedKeysCommand | Kw::AuthorizedPrincipalsCommand => {
                    let text = match self.value(kw).value {
                        Some(Value::Text(text)) => text.as_slice(),
                        _ => b"none",
                    };
                    out.line(kw, text);
                }
                _ => out.line(kw, self.text(kw).value.unwrap_or(b"none")),
            }
        }
        if dialect.knows(Kw::GSSAPIKexAlgorithms) {
            let text = self.text(Kw::GSSAPIKexAlgorithms).value.unwrap_or(b"none");
            out.line(Kw::GSSAPIKexAlgorithms, text);
        }
    }

    fn dump_words(&self, out: &mut Out<'_>) {
        let dialect = out.dialect;
        let files = self.words(Kw::AuthorizedKeysFile).value;
        if files.is_empty() && !dialect.quirks.keys_file_none_alone {
            let written = match self.value(Kw::AuthorizedKeysFile).value {
                Some(Value::Words(words)) => words.first().map(Vec::as_slice),
                _ => None,
            };
            out.line(Kw::AuthorizedKeysFile, written.unwrap_or(b"none"));
        } else if !files.is_empty() {
            out.words(Kw::AuthorizedKeysFile, &files);
        }
        let revoked = self.words(Kw::RevokedKeys).value;
        if !revoked.is_empty() {
            out.words(Kw::RevokedKeys, &revoked);
        } else if !dialect.quirks.revoked_keys_many {
            out.line(Kw::RevokedKeys, b"none");
        }
        for &kw in LISTS.iter().filter(|kw| dialect.knows(**kw)) {
            for word in self.words(kw).value {
                out.line(kw, word);
            }
        }
        let methods = self.words(Kw::AuthenticationMethods).value;
        if methods.is_empty() {
            out.line(Kw::AuthenticationMethods, b"any");
        } else {
            out.words(Kw::AuthenticationMethods, &methods);
        }
        if dialect.knows(Kw::LogVerbose) {
            // Unlike the others "none" stays in the list.
            if let Some(Value::Words(words)) = self.value(Kw::LogVerbose).value {
                let words: Vec<&[u8]> = words.iter().map(Vec::as_slice).collect();
                if !words.is_empty() {
                    out.words(Kw::LogVerbose, &words);
                }
            }
        }
        if dialect.knows(Kw::ChannelTimeout) {
            let conditional = self.value(Kw::ChannelTimeout);
            let words = self.words(Kw::ChannelTimeout).value;
            let kept_none = matches!(
                (&conditional.value, &conditional.origin),
                (
                    Some(Value::Words(_)),
                    crate::Origin::File {
                        match_block: Some(_),
                        ..
                    }
                )
            );
            if !words.is_empty() {
                out.words(Kw::ChannelTimeout, &words);
            } else if kept_none || dialect.version >= Version::new(9, 3, 0) {
                out.line(Kw::ChannelTimeout, b"none");
            }
        }
    }

    fn dump_rest(&self, out: &mut Out<'_>) {
        let dialect = out.dialect;
        for (name, command, _) in self.subsystems() {
            out.words(Kw::Subsystem, &[name, command]);
        }
        let (begin, rate, full) = self.max_startups();
        out.line(Kw::MaxStartups, format!("{begin}:{rate}:{full}").as_bytes());
        if dialect.knows(Kw::PerSourceMaxStartups) {
            let n = self.int(Kw::PerSourceMaxStartups).value;
            let text = if n == i64::from(i32::MAX) {
                String::from("none")
            } else {
                n.to_string()
            };
            out.line(Kw::PerSourceMaxStartups, text.as_bytes());
        }
        if dialect.knows(Kw::PerSourceNetBlockSize) {
            let (v4, v6) = match self.value(Kw::PerSourceNetBlockSize).value {
                Some(Value::NetBlock { v4, v6 }) => (*v4, v6.unwrap_or(128)),
                _ => (32, 128),
            };
            out.line(Kw::PerSourceNetBlockSize, format!("{v4}:{v6}").as_bytes());
        }
        out.line(
            Kw::PermitTunnel,
            self.choice(Kw::PermitTunnel).value.as_bytes(),
        );
        let qos = match self.value(Kw::IPQoS).value {
            Some(Value::Qos(interactive, bulk)) => {
                format!("{} {}", qos_name(*interactive), qos_name(*bulk))
            }
            _ => String::from(dialect.default_text(Kw::IPQoS).unwrap_or_default()),
        };
        out.line(Kw::IPQoS, qos.as_bytes());
        let (limit, interval) = self.rekey_limit();
        out.line(Kw::RekeyLimit, format!("{limit} {interval}").as_bytes());
        for kw in [Kw::PermitOpen, Kw::PermitListen] {
            if !dialect.knows(kw) {
                continue;
            }
            let words = self.words(kw).value;
            if words.is_empty() {
                out.line(kw, b"any");
            } else {
                out.words(kw, &words);
            }
        }
        let environment = match self.value(Kw::PermitUserEnvironment).value {
            Some(Value::Choice(choice)) => choice.as_bytes(),
            Some(Value::Text(list)) => list,
            _ => b"no",
        };
        out.line(Kw::PermitUserEnvironment, environment);
        if dialect.knows(Kw::PubkeyAuthOptions) {
            let mut words: Vec<&[u8]> = Vec::new();
            if let Some(Value::AuthOptions { touch, verify }) =
                self.value(Kw::PubkeyAuthOptions).value
            {
                words.extend(touch.then_some(&b"touch-required"[..]));
                words.extend(verify.then_some(&b"verify-required"[..]));
            }
            if words.is_empty() {
                words.push(b"none");
            }
            if dialect.knows(Kw::WarnWeakCrypto) {
                words.push(b"max-pk-ok:6");
            }
            out.words(Kw::PubkeyAuthOptions, &words);
        }
        if dialect.knows(Kw::PerSourcePenalties) {
            out.line(
                Kw::PerSourcePenalties,
                penalties::text(self, dialect).as_bytes(),
            );
        }
    }

    /// Every Port.
    #[must_use]
    pub fn ports(&self) -> Vec<u16> {
        let config = self.config();
        let ports: Vec<u16> = config
            .static_lines(Kw::Port)
            .filter_map(|line| match line.value {
                Value::Int(port) => u16::try_from(port).ok(),
                _ => None,
            })
            .collect();
        if ports.is_empty() {
            Vec::from([22])
        } else {
            ports
        }
    }

    /// MaxStartups: begin, rate, full. A value without a rate keeps the one before it (until 10.0).
    #[must_use]
    pub fn max_startups(&self) -> (i64, i64, i64) {
        let config = self.config();
        let last = config.dialect().policy(Kw::MaxStartups) == crate::dialect::Policy::Last;
        let mut out = (10, 30, 100);
        for line in config.static_lines(Kw::MaxStartups) {
            if let Value::Startups { begin, rate, full } = line.value {
                out = (begin, rate.unwrap_or(out.1), full);
                if !last {
                    break;
                }
            }
        }
        out
    }

    /// RekeyLimit: bytes and seconds, each the first given.
    #[must_use]
    pub fn rekey_limit(&self) -> (i64, i64) {
        let first = |lines: &mut dyn Iterator<Item = &Line>| {
            let (mut bytes, mut seconds) = (None, None);
            for line in lines {
                if let Value::Rekey { limit, interval } = line.value {
                    bytes = bytes.or(Some(limit));
                    seconds = seconds.or(interval);
                }
            }
            (bytes, seconds)
        };
        let config = self.config();
        let matched = first(&mut self.matching_lines(Kw::RekeyLimit));
        let global = first(&mut config.static_lines(Kw::RekeyLimit));
        (
            matched.0.or(global.0).unwrap_or(0),
            matched.1.or(global.1).unwrap_or(0),
        )
    }

    fn matching_lines(&self, kw: Kw) -> impl Iterator<Item = &Line> {
        let blocks = self.blocks();
        self.config().lines().iter().filter(move |line| {
            line.kw == kw
                && line
                    .block
                    .is_some_and(|id| blocks.get(id) == Some(&Tri::True))
        })
    }

    fn listen_addresses(&self, ports: &[u16], out: &mut Out<'_>) {
        let config = self.config();
        let family = self.choice(Kw::AddressFamily).value;
        let mut any = false;
        // sshd pushes each address on a stack and prints the stack from the bottom.
        let add = |address: IpAddr, port: u16, out: &mut Out<'_>| {
            let text = match address {
                IpAddr::V4(v4) => format!("{v4}:{port}"),
                IpAddr::V6(v6) => format!("[{v6}]:{port}"),
            };
            out.line(Kw::ListenAddress, text.as_bytes());
        };
        let mut lines: Vec<(Vec<IpAddr>, u16)> = Vec::new();
        for line in config.static_lines(Kw::ListenAddress) {
            if let Value::Listen { host, port } = &line.value {
                any = true;
                let Some(address) = pattern::parse_address(host) else {
                    continue;
                };
                if *port == 0 {
                    lines.extend(ports.iter().map(|&port| (Vec::from([address]), port)));
                } else {
                    lines.push((Vec::from([address]), *port));
                }
            }
        }
        if !any {
            let v6 = IpAddr::from([0u16; 8]);
            let v4 = IpAddr::from([0u8; 4]);
            let both = match family {
                "inet" => Vec::from([v4]),
                "inet6" => Vec::from([v6]),
                _ => Vec::from([v6, v4]),
            };
            lines.extend(ports.iter().map(|&port| (both.clone(), port)));
        }
        for (addresses, port) in lines {
            for address in addresses {
                add(address, port, out);
            }
        }
    }
}

fn prints(dialect: &Dialect, kw: Kw) -> bool {
    let since = |major, minor| dialect.version >= Version::new(major, minor, 0);
    dialect.knows(kw)
        && match kw {
            Kw::DebianBanner => since(10, 0),
            Kw::GSSAPIStrictAcceptorCheck => since(10, 1) || dialect.vendor == Vendor::Debian,
            _ => true,
        }
}

fn choice_text<'t>(dialect: &Dialect, kw: Kw, value: &'t str) -> &'t str {
    match (kw, value) {
        (Kw::PermitRootLogin, "prohibit-password") if !dialect.quirks.prints_prohibit_password => {
            "without-password"
        }
        // 10.6 prints these two with the words of another table.
        (Kw::TCPKeepAlive | Kw::WarnWeakCrypto, "yes") if dialect.knows(Kw::WarnWeakCrypto) => {
            "true"
        }
        (Kw::TCPKeepAlive | Kw::WarnWeakCrypto, "no") if dialect.knows(Kw::WarnWeakCrypto) => {
            "false"
        }
        _ => value,
    }
}

fn qos_name(value: Option<u8>) -> String {
    match QOS.iter().find(|(_, number)| *number == value) {
        Some((name, _)) => String::from(*name),
        None => format!("0x{:02x}", value.unwrap_or(0)),
    }
}

impl Dialect {
    /// Is the dump printed in mixed case?
    #[must_use]
    pub fn dumps_camel_case(&self) -> bool {
        self.quirks.dump_case == DumpCase::Camel
    }
}
