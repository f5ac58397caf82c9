//! The keyword table of sshd, one row for each keyword, meaning and span of versions (`servconf.c: keywords[]`).

use crate::dialect::{Feature, Vendors, Version};

macro_rules! keywords {
    ($($name:ident),* $(,)?) => {
        /// A keyword that sets something, aliases resolved. Named as sshd_config(5) writes it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[allow(missing_docs)]
        pub enum Kw { $($name),* }

        impl Kw {
            /// Every keyword, in no particular order.
            pub const ALL: &'static [Kw] = &[$(Kw::$name),*];

            /// The spelling of sshd_config(5) (current name).
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Kw::$name => stringify!($name)),* }
            }
        }
    };
}

keywords! {
    Port, AddressFamily, ListenAddress, UsePAM, PAMServiceName, LoginGraceTime, X11DisplayOffset, MaxAuthTries,
    MaxSessions, ClientAliveInterval, ClientAliveCountMax, RequiredRSASize, StreamLocalBindMask,
    UnusedConnectionTimeout, PermitRootLogin, IgnoreRhosts, IgnoreUserKnownHosts, HostbasedAuthentication,
    HostbasedUsesNameFromPacketOnly, PubkeyAuthentication, KerberosAuthentication, KerberosOrLocalPasswd,
    KerberosTicketCleanup, KerberosGetAFSToken, GSSAPIAuthentication, GSSAPICleanupCredentials, GSSAPIKeyExchange,
    GSSAPIStrictAcceptorCheck, GSSAPIStoreCredentialsOnRekey, GSSAPIKexAlgorithms, GSSAPIDelegateCredentials,
    GSSAPIEnablek5users, KerberosUseKuserok, KerberosUniqueCCache,
    PasswordAuthentication, KbdInteractiveAuthentication, ChallengeResponseAuthentication, PrintMotd, PrintLastLog,
    X11Forwarding, X11UseLocalhost, PermitTTY, PermitUserRC, StrictModes, TCPKeepAlive, PermitEmptyPasswords,
    Compression, GatewayPorts, UseDNS, AllowTcpForwarding, AllowAgentForwarding, DisableForwarding,
    AllowStreamLocalForwarding, StreamLocalBindUnlink, FingerprintHash, ExposeAuthInfo, WarnWeakCrypto,
    RefuseConnection, DebianBanner, PidFile, ModuliFile, XAuthLocation, Ciphers, Macs, Banner, ForceCommand,
    ChrootDirectory, TrustedUserCAKeys, RevokedKeys, SecurityKeyProvider, AuthorizedPrincipalsFile, VersionAddendum,
    AuthorizedKeysCommand, AuthorizedKeysCommandUser, AuthorizedPrincipalsCommand, AuthorizedPrincipalsCommandUser,
    HostKeyAgent, KexAlgorithms, CASignatureAlgorithms, HostbasedAcceptedAlgorithms, HostKeyAlgorithms,
    PubkeyAcceptedAlgorithms, RDomain, SshdSessionPath, SshdAuthPath, PerSourcePenaltyExemptList, AgentSocketPath,
    LogLevel, SyslogFacility, AuthorizedKeysFile, HostKey, HostCertificate, AllowUsers, DenyUsers, AllowGroups,
    DenyGroups, AcceptEnv, SetEnv, AuthenticationMethods, LogVerbose, ChannelTimeout, Subsystem, MaxStartups,
    PerSourceMaxStartups, PerSourceNetBlockSize, PermitTunnel, IPQoS, RekeyLimit, PermitOpen, PermitListen,
    PermitUserEnvironment, PubkeyAuthOptions, PerSourcePenalties, UsePrivilegeSeparation, Include, Match,
}

/// Where a keyword may stand (`SSHCFG_GLOBAL`, `SSHCFG_ALL`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Only outside Match blocks.
    Global,
    /// Anywhere.
    All,
}

/// What sshd does with a keyword it knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Meaning {
    /// It sets something.
    Sets(Kw),
    /// `Deprecated option X` in the log; any arguments.
    Deprecated,
    /// Ignored without a word at INFO (`Protocol`).
    Ignored,
    /// `Unsupported option X`: not compiled in; any arguments.
    Unsupported,
}

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The keyword, matched without case.
    pub name: &'static str,
    /// What it does where `feature` is compiled in.
    pub meaning: Meaning,
    /// Where it may stand.
    pub scope: Scope,
    /// First version that has this row.
    pub since: Version,
    /// First version that no longer has it.
    pub until: Version,
    /// Without this feature the keyword is `Unsupported`.
    pub feature: Feature,
    /// Whose builds know it.
    pub vendors: Vendors,
}

const OLD: Version = Version::new(0, 0, 0);
const END: Version = Version::new(u16::MAX, 0, 0);
const fn v(major: u16, minor: u16) -> Version {
    Version::new(major, minor, 0)
}

const fn row(name: &'static str, kw: Kw, scope: Scope, since: Version, until: Version) -> Row {
    Row {
        name,
        meaning: Meaning::Sets(kw),
        scope,
        since,
        until,
        feature: Feature::Always,
        vendors: Vendors::ALL,
    }
}
const fn g(name: &'static str, kw: Kw) -> Row {
    row(name, kw, Scope::Global, OLD, END)
}
const fn a(name: &'static str, kw: Kw) -> Row {
    row(name, kw, Scope::All, OLD, END)
}
const fn gs(name: &'static str, kw: Kw, since: Version) -> Row {
    row(name, kw, Scope::Global, since, END)
}
const fn al(name: &'static str, kw: Kw, since: Version) -> Row {
    row(name, kw, Scope::All, since, END)
}
const fn with(mut row: Row, feature: Feature) -> Row {
    row.feature = feature;
    row
}
const fn only(mut row: Row, vendors: Vendors) -> Row {
    row.vendors = vendors;
    row
}
const fn dead(name: &'static str, meaning: Meaning, scope: Scope) -> Row {
    Row {
        name,
        meaning,
        scope,
        since: OLD,
        until: END,
        feature: Feature::Always,
        vendors: Vendors::ALL,
    }
}
const fn from(mut row: Row, since: Version) -> Row {
    row.since = since;
    row
}
const fn to(mut row: Row, until: Version) -> Row {
    row.until = until;
    row
}

use Meaning::{Deprecated, Ignored, Unsupported};
use Scope::{All, Global};

/// The whole table. Sources: `servconf.c` of every tag from V_7_4_P1 to V_10_5_P1; vendor rows from their builds.
pub static ROWS: &[Row] = &[
    with(g("usepam", Kw::UsePAM), Feature::Pam),
    with(
        al("pamservicename", Kw::PAMServiceName, v(9, 8)),
        Feature::Pam,
    ),
    to(
        dead("pamauthenticationviakbdint", Deprecated, Global),
        v(10, 4),
    ),
    g("port", Kw::Port),
    g("hostkey", Kw::HostKey),
    g("hostdsakey", Kw::HostKey),
    g("hostkeyagent", Kw::HostKeyAgent),
    g("pidfile", Kw::PidFile),
    gs("modulifile", Kw::ModuliFile, v(8, 6)),
    dead("serverkeybits", Deprecated, Global),
    g("logingracetime", Kw::LoginGraceTime),
    dead("keyregenerationinterval", Deprecated, Global),
    a("permitrootlogin", Kw::PermitRootLogin),
    g("syslogfacility", Kw::SyslogFacility),
    row("loglevel", Kw::LogLevel, Global, OLD, v(7, 6)),
    al("loglevel", Kw::LogLevel, v(7, 6)),
    al("logverbose", Kw::LogVerbose, v(8, 5)),
    dead("rhostsauthentication", Deprecated, Global),
    dead("rhostsrsaauthentication", Deprecated, All),
    a("hostbasedauthentication", Kw::HostbasedAuthentication),
    a(
        "hostbasedusesnamefrompacketonly",
        Kw::HostbasedUsesNameFromPacketOnly,
    ),
    al(
        "hostbasedacceptedalgorithms",
        Kw::HostbasedAcceptedAlgorithms,
        v(8, 5),
    ),
    a("hostbasedacceptedkeytypes", Kw::HostbasedAcceptedAlgorithms),
    g("hostkeyalgorithms", Kw::HostKeyAlgorithms),
    dead("rsaauthentication", Deprecated, All),
    a("pubkeyauthentication", Kw::PubkeyAuthentication),
    al(
        "pubkeyacceptedalgorithms",
        Kw::PubkeyAcceptedAlgorithms,
        v(8, 5),
    ),
    a("pubkeyacceptedkeytypes", Kw::PubkeyAcceptedAlgorithms),
    al("pubkeyauthoptions", Kw::PubkeyAuthOptions, v(8, 2)),
    g("dsaauthentication", Kw::PubkeyAuthentication),
    with(
        a("kerberosauthentication", Kw::KerberosAuthentication),
        Feature::Kerberos,
    ),
    with(
        g("kerberosorlocalpasswd", Kw::KerberosOrLocalPasswd),
        Feature::Kerberos,
    ),
    with(
        g("kerberosticketcleanup", Kw::KerberosTicketCleanup),
        Feature::Kerberos,
    ),
    with(
        g("kerberosgetafstoken", Kw::KerberosGetAFSToken),
        Feature::Afs,
    ),
    to(dead("kerberostgtpassing", Unsupported, Global), v(10, 4)),
    from(dead("kerberostgtpassing", Deprecated, Global), v(10, 4)),
    to(dead("afstokenpassing", Unsupported, Global), v(10, 4)),
    from(dead("afstokenpassing", Deprecated, Global), v(10, 4)),
    with(
        a("gssapiauthentication", Kw::GSSAPIAuthentication),
        Feature::Gssapi,
    ),
    with(
        g("gssapicleanupcredentials", Kw::GSSAPICleanupCredentials),
        Feature::Gssapi,
    ),
    with(
        gs(
            "gssapidelegatecredentials",
            Kw::GSSAPIDelegateCredentials,
            v(10, 3),
        ),
        Feature::Gssapi,
    ),
    with(
        g("gssapistrictacceptorcheck", Kw::GSSAPIStrictAcceptorCheck),
        Feature::Gssapi,
    ),
    a("passwordauthentication", Kw::PasswordAuthentication),
    a(
        "kbdinteractiveauthentication",
        Kw::KbdInteractiveAuthentication,
    ),
    row(
        "challengeresponseauthentication",
        Kw::ChallengeResponseAuthentication,
        Global,
        OLD,
        v(8, 7),
    ),
    al(
        "challengeresponseauthentication",
        Kw::KbdInteractiveAuthentication,
        v(8, 7),
    ),
    row(
        "skeyauthentication",
        Kw::ChallengeResponseAuthentication,
        Global,
        OLD,
        v(7, 8),
    ),
    to(
        from(dead("skeyauthentication", Deprecated, Global), v(7, 8)),
        v(8, 7),
    ),
    al(
        "skeyauthentication",
        Kw::KbdInteractiveAuthentication,
        v(8, 7),
    ),
    dead("checkmail", Deprecated, Global),
    g("listenaddress", Kw::ListenAddress),
    g("addressfamily", Kw::AddressFamily),
    g("printmotd", Kw::PrintMotd),
    with(g("printlastlog", Kw::PrintLastLog), Feature::Lastlog),
    row("ignorerhosts", Kw::IgnoreRhosts, Global, OLD, v(8, 3)),
    al("ignorerhosts", Kw::IgnoreRhosts, v(8, 3)),
    g("ignoreuserknownhosts", Kw::IgnoreUserKnownHosts),
    a("x11forwarding", Kw::X11Forwarding),
    a("x11displayoffset", Kw::X11DisplayOffset),
    a("x11uselocalhost", Kw::X11UseLocalhost),
    g("xauthlocation", Kw::XAuthLocation),
    g("strictmodes", Kw::StrictModes),
    a("permitemptypasswords", Kw::PermitEmptyPasswords),
    g("permituserenvironment", Kw::PermitUserEnvironment),
    dead("uselogin", Deprecated, Global),
    g("compression", Kw::Compression),
    a("rekeylimit", Kw::RekeyLimit),
    g("tcpkeepalive", Kw::TCPKeepAlive),
    g("keepalive", Kw::TCPKeepAlive),
    a("allowtcpforwarding", Kw::AllowTcpForwarding),
    a("allowagentforwarding", Kw::AllowAgentForwarding),
    a("allowusers", Kw::AllowUsers),
    a("denyusers", Kw::DenyUsers),
    a("allowgroups", Kw::AllowGroups),
    a("denygroups", Kw::DenyGroups),
    g("ciphers", Kw::Ciphers),
    g("macs", Kw::Macs),
    dead("protocol", Ignored, Global),
    a("gatewayports", Kw::GatewayPorts),
    row("subsystem", Kw::Subsystem, Global, OLD, v(9, 5)),
    al("subsystem", Kw::Subsystem, v(9, 5)),
    g("maxstartups", Kw::MaxStartups),
    gs("persourcemaxstartups", Kw::PerSourceMaxStartups, v(8, 5)),
    gs("persourcenetblocksize", Kw::PerSourceNetBlockSize, v(8, 5)),
    gs("persourcepenalties", Kw::PerSourcePenalties, v(9, 8)),
    gs(
        "persourcepenaltyexemptlist",
        Kw::PerSourcePenaltyExemptList,
        v(9, 8),
    ),
    a("maxauthtries", Kw::MaxAuthTries),
    a("maxsessions", Kw::MaxSessions),
    a("banner", Kw::Banner),
    g("usedns", Kw::UseDNS),
    dead("verifyreversemapping", Deprecated, Global),
    dead("reversemappingcheck", Deprecated, Global),
    a("clientaliveinterval", Kw::ClientAliveInterval),
    a("clientalivecountmax", Kw::ClientAliveCountMax),
    a("authorizedkeysfile", Kw::AuthorizedKeysFile),
    dead("authorizedkeysfile2", Deprecated, All),
    row(
        "useprivilegeseparation",
        Kw::UsePrivilegeSeparation,
        Global,
        OLD,
        v(7, 5),
    ),
    from(dead("useprivilegeseparation", Deprecated, Global), v(7, 5)),
    a("acceptenv", Kw::AcceptEnv),
    al("setenv", Kw::SetEnv, v(7, 8)),
    a("permittunnel", Kw::PermitTunnel),
    a("permittty", Kw::PermitTTY),
    a("permituserrc", Kw::PermitUserRC),
    a("match", Kw::Match),
    a("permitopen", Kw::PermitOpen),
    al("permitlisten", Kw::PermitListen, v(7, 8)),
    a("forcecommand", Kw::ForceCommand),
    a("chrootdirectory", Kw::ChrootDirectory),
    g("hostcertificate", Kw::HostCertificate),
    a("revokedkeys", Kw::RevokedKeys),
    a("trustedusercakeys", Kw::TrustedUserCAKeys),
    a("authorizedprincipalsfile", Kw::AuthorizedPrincipalsFile),
    g("kexalgorithms", Kw::KexAlgorithms),
    al("include", Kw::Include, v(8, 2)),
    a("ipqos", Kw::IPQoS),
    a("authorizedkeyscommand", Kw::AuthorizedKeysCommand),
    a("authorizedkeyscommanduser", Kw::AuthorizedKeysCommandUser),
    a(
        "authorizedprincipalscommand",
        Kw::AuthorizedPrincipalsCommand,
    ),
    a(
        "authorizedprincipalscommanduser",
        Kw::AuthorizedPrincipalsCommandUser,
    ),
    g("versionaddendum", Kw::VersionAddendum),
    a("authenticationmethods", Kw::AuthenticationMethods),
    a("streamlocalbindmask", Kw::StreamLocalBindMask),
    a("streamlocalbindunlink", Kw::StreamLocalBindUnlink),
    a("allowstreamlocalforwarding", Kw::AllowStreamLocalForwarding),
    g("fingerprinthash", Kw::FingerprintHash),
    a("disableforwarding", Kw::DisableForwarding),
    al("exposeauthinfo", Kw::ExposeAuthInfo, v(7, 6)),
    al("rdomain", Kw::RDomain, v(7, 7)),
    al("casignaturealgorithms", Kw::CASignatureAlgorithms, v(7, 9)),
    gs("securitykeyprovider", Kw::SecurityKeyProvider, v(8, 2)),
    al("requiredrsasize", Kw::RequiredRSASize, v(9, 1)),
    al("channeltimeout", Kw::ChannelTimeout, v(9, 2)),
    al(
        "unusedconnectiontimeout",
        Kw::UnusedConnectionTimeout,
        v(9, 2),
    ),
    gs("sshdsessionpath", Kw::SshdSessionPath, v(9, 8)),
    gs("sshdauthpath", Kw::SshdAuthPath, v(10, 0)),
    al("refuseconnection", Kw::RefuseConnection, v(9, 9)),
    gs("warnweakcrypto", Kw::WarnWeakCrypto, v(10, 6)),
    gs("agentsocketpath", Kw::AgentSocketPath, v(10, 6)),
    // Debian and its derivatives.
    only(g("debianbanner", Kw::DebianBanner), Vendors::DEBIAN),
    only(
        dead("permitblacklistedkeys", Deprecated, Global),
        Vendors::DEBIAN,
    ),
    // The GSSAPI key exchange patch.
    only(
        with(
            g("gssapicleanupcreds", Kw::GSSAPICleanupCredentials),
            Feature::Gssapi,
        ),
        Vendors::GSSAPI_PATCH,
    ),
    only(
        with(
            g("gssapikeyexchange", Kw::GSSAPIKeyExchange),
            Feature::Gssapi,
        ),
        Vendors::GSSAPI_PATCH,
    ),
    only(
        with(
            g("gssapikexalgorithms", Kw::GSSAPIKexAlgorithms),
            Feature::Gssapi,
        ),
        Vendors::GSSAPI_PATCH,
    ),
    only(
        with(
            g(
                "gssapistorecredentialsonrekey",
                Kw::GSSAPIStoreCredentialsOnRekey,
            ),
            Feature::Gssapi,
        ),
        Vendors::GSSAPI_PATCH,
    ),
    only(
        dead("gssapiusesessioncredcache", Unsupported, Global),
        Vendors::GSSAPI_PATCH,
    ),
    only(
        dead("gssusesessionccache", Unsupported, Global),
        Vendors::GSSAPI_PATCH,
    ),
    // RHEL and Fedora.
    only(
        with(
            a("gssapienablek5users", Kw::GSSAPIEnablek5users),
            Feature::Gssapi,
        ),
        Vendors::RED_HAT,
    ),
    only(
        with(
            a("kerberosusekuserok", Kw::KerberosUseKuserok),
            Feature::Kerberos,
        ),
        Vendors::RED_HAT,
    ),
    only(
        with(
            g("kerberosuniqueccache", Kw::KerberosUniqueCCache),
            Feature::Kerberos,
        ),
        Vendors::RED_HAT,
    ),
    only(dead("showpatchlevel", Deprecated, Global), Vendors::RED_HAT),
    only(
        a("authorizedkeyscommandrunas", Kw::AuthorizedKeysCommandUser),
        Vendors::RED_HAT,
    ),
    only(
        al("rsaminsize", Kw::RequiredRSASize, v(8, 7)),
        Vendors::RED_HAT,
    ),
];
