//! The keywords of ssh_config(5).

/// How the arguments of a keyword are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Takes {
    /// One argument; the first line wins.
    One,
    /// One argument out of a list of words, compared without case; the first line wins.
    Choice(&'static [&'static str]),
    /// A number from 1 to 65535, or a service name.
    Port,
    /// As many arguments as there are; the first line wins.
    Many,
    /// One argument; every line counts.
    Each,
    /// As many arguments as there are; every line counts.
    EachMany,
    /// The rest of the line as it is; the first line wins.
    Rest,
    /// Known and without effect.
    Ignored,
    /// `Host`
    Host,
    /// `Match`
    Match,
    /// `Include`
    Include,
}

const FLAG: Takes = Takes::Choice(&["yes", "true", "no", "false"]);

/// Name, what it takes, since which release (0.0: before 8.4), until which (exclusive).
pub(super) struct Row {
    pub(super) name: &'static str,
    pub(super) takes: Takes,
    pub(super) since: (u16, u16),
    /// The name under which its values are kept.
    pub(super) kept: &'static str,
}

const fn row(name: &'static str, takes: Takes) -> Row {
    Row {
        name,
        takes,
        since: (0, 0),
        kept: name,
    }
}

const fn alias(name: &'static str, kept: &'static str, takes: Takes) -> Row {
    Row {
        name,
        takes,
        since: (0, 0),
        kept,
    }
}

const fn since(major: u16, minor: u16, name: &'static str, takes: Takes) -> Row {
    Row {
        name,
        takes,
        since: (major, minor),
        kept: name,
    }
}

const PUBKEY: Takes = Takes::Choice(&["yes", "true", "no", "false", "unbound", "host-bound"]);

/// `keywords[]` of readconf.c, in lower case.
pub(super) const ROWS: &[Row] = &[
    row("host", Takes::Host),
    row("match", Takes::Match),
    row("include", Takes::Include),
    row("hostname", Takes::One),
    row("user", Takes::One),
    row("port", Takes::Port),
    row("identityfile", Takes::Each),
    alias("identityfile2", "identityfile", Takes::Each),
    row("certificatefile", Takes::Each),
    row("identitiesonly", FLAG),
    row("identityagent", Takes::One),
    row("addkeystoagent", Takes::Many),
    row("pubkeyauthentication", PUBKEY),
    alias("dsaauthentication", "pubkeyauthentication", PUBKEY),
    row("passwordauthentication", FLAG),
    row("kbdinteractiveauthentication", FLAG),
    alias(
        "challengeresponseauthentication",
        "kbdinteractiveauthentication",
        FLAG,
    ),
    alias("skeyauthentication", "kbdinteractiveauthentication", FLAG),
    alias("tisauthentication", "kbdinteractiveauthentication", FLAG),
    row("kbdinteractivedevices", Takes::One),
    row("hostbasedauthentication", FLAG),
    row("gssapiauthentication", FLAG),
    row("gssapidelegatecredentials", FLAG),
    row("preferredauthentications", Takes::One),
    row("numberofpasswordprompts", Takes::One),
    row("batchmode", FLAG),
    row("pubkeyacceptedalgorithms", Takes::One),
    alias(
        "pubkeyacceptedkeytypes",
        "pubkeyacceptedalgorithms",
        Takes::One,
    ),
    row("hostbasedacceptedalgorithms", Takes::One),
    alias(
        "hostbasedkeytypes",
        "hostbasedacceptedalgorithms",
        Takes::One,
    ),
    row("hostkeyalgorithms", Takes::One),
    row("casignaturealgorithms", Takes::One),
    row("kexalgorithms", Takes::One),
    row("ciphers", Takes::One),
    row("macs", Takes::One),
    since(9, 1, "requiredrsasize", Takes::One),
    row("hostkeyalias", Takes::One),
    row("userknownhostsfile", Takes::Many),
    row("globalknownhostsfile", Takes::Many),
    row("knownhostscommand", Takes::Rest),
    row(
        "stricthostkeychecking",
        Takes::Choice(&["yes", "true", "no", "false", "ask", "off", "accept-new"]),
    ),
    row("checkhostip", FLAG),
    row("hashknownhosts", FLAG),
    row("revokedhostkeys", Takes::One),
    row(
        "updatehostkeys",
        Takes::Choice(&["yes", "true", "no", "false", "ask"]),
    ),
    row(
        "verifyhostkeydns",
        Takes::Choice(&["yes", "true", "no", "false", "ask"]),
    ),
    row("nohostauthenticationforlocalhost", FLAG),
    row("proxyjump", Takes::Rest),
    row("proxycommand", Takes::Rest),
    row("proxyusefdpass", FLAG),
    row("addressfamily", Takes::Choice(&["inet", "inet6", "any"])),
    row("bindaddress", Takes::One),
    row("bindinterface", Takes::One),
    row("connecttimeout", Takes::One),
    row("connectionattempts", Takes::One),
    row("serveraliveinterval", Takes::One),
    row("serveralivecountmax", Takes::One),
    row("tcpkeepalive", FLAG),
    alias("keepalive", "tcpkeepalive", FLAG),
    row(
        "canonicalizehostname",
        Takes::Choice(&["yes", "true", "no", "false", "always"]),
    ),
    row("canonicaldomains", Takes::Many),
    row("canonicalizefallbacklocal", FLAG),
    row("canonicalizemaxdots", Takes::One),
    row("canonicalizepermittedcnames", Takes::Many),
    row("ignoreunknown", Takes::One),
    row("loglevel", Takes::One),
    row("logverbose", Takes::Many),
    row("syslogfacility", Takes::One),
    row("fingerprinthash", Takes::One),
    row("visualhostkey", FLAG),
    row("pkcs11provider", Takes::One),
    alias("smartcarddevice", "pkcs11provider", Takes::One),
    row("securitykeyprovider", Takes::One),
    row("forwardagent", Takes::One),
    row("forwardx11", FLAG),
    row("forwardx11trusted", FLAG),
    row("forwardx11timeout", Takes::One),
    row("exitonforwardfailure", FLAG),
    row("xauthlocation", Takes::One),
    row("gatewayports", FLAG),
    row("remoteforward", Takes::EachMany),
    row("localforward", Takes::EachMany),
    row("dynamicforward", Takes::EachMany),
    row("permitremoteopen", Takes::Many),
    row("clearallforwardings", FLAG),
    row("escapechar", Takes::One),
    since(9, 2, "enableescapecommandline", FLAG),
    row("compression", FLAG),
    row("enablesshkeysign", FLAG),
    row("rekeylimit", Takes::Many),
    row("sendenv", Takes::EachMany),
    row("setenv", Takes::EachMany),
    row("controlpath", Takes::One),
    row("controlmaster", Takes::One),
    row("controlpersist", Takes::One),
    row("tunnel", Takes::One),
    row("tunneldevice", Takes::One),
    row("localcommand", Takes::Rest),
    row("permitlocalcommand", FLAG),
    row("remotecommand", Takes::Rest),
    row("ipqos", Takes::Many),
    row("requesttty", Takes::One),
    since(8, 7, "sessiontype", Takes::One),
    since(8, 7, "stdinnull", FLAG),
    since(8, 7, "forkafterauthentication", FLAG),
    row("streamlocalbindmask", Takes::One),
    row("streamlocalbindunlink", FLAG),
    since(9, 4, "tag", Takes::One),
    since(9, 5, "obscurekeystroketiming", Takes::One),
    since(9, 6, "channeltimeout", Takes::Many),
    since(10, 0, "versionaddendum", Takes::Rest),
    since(10, 1, "refuseconnection", Takes::One),
    since(10, 1, "warnweakcrypto", Takes::One),
    row("protocol", Takes::Ignored),
    row("cipher", Takes::Ignored),
    row("fallbacktorsh", Takes::Ignored),
    row("globalknownhostsfile2", Takes::Ignored),
    row("rhostsauthentication", Takes::Ignored),
    row("userknownhostsfile2", Takes::Ignored),
    row("useroaming", Takes::Ignored),
    row("usersh", Takes::Ignored),
    row("useprivilegedport", Takes::Ignored),
    row("afstokenpassing", Takes::Ignored),
    row("kerberosauthentication", Takes::Ignored),
    row("kerberostgtpassing", Takes::Ignored),
    row("rsaauthentication", Takes::Ignored),
    row("rhostsrsaauthentication", Takes::Ignored),
    row("compressionlevel", Takes::Ignored),
    // Vendors' own, read by the ssh of Debian, Ubuntu, Fedora and macOS.
    row("gssapikeyexchange", FLAG),
    row("gssapitrustdns", FLAG),
    row("gssapirenewalforcesrekey", FLAG),
    row("gssapiclientidentity", Takes::One),
    row("gssapiserveridentity", Takes::One),
    row("gssapikexalgorithms", Takes::One),
    row("usekeychain", Takes::Ignored),
];

/// The row of a keyword, whatever its case, if a release knows it.
pub(super) fn row_of(keyword: &[u8], release: (u16, u16)) -> Option<&'static Row> {
    ROWS.iter()
        .find(|r| keyword.eq_ignore_ascii_case(r.name.as_bytes()) && release >= r.since)
}
