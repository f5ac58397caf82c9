//! Option names and which build knows them.

/// The options sshd(8) and dropbear(8) list. Flags that can be negated stand for both forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum OptionName {
    /// `restrict`
    Restrict,
    /// `cert-authority`
    CertAuthority,
    /// `port-forwarding`
    PortForwarding,
    /// `agent-forwarding`
    AgentForwarding,
    /// `x11-forwarding`
    X11Forwarding,
    /// `touch-required`
    TouchRequired,
    /// `verify-required`
    VerifyRequired,
    /// `pty`
    Pty,
    /// `user-rc`
    UserRc,
    /// `command=`
    Command,
    /// `principals=`
    Principals,
    /// `from=`
    From,
    /// `expiry-time=`
    ExpiryTime,
    /// `environment=`
    Environment,
    /// `permitopen=`
    PermitOpen,
    /// `permitlisten=`
    PermitListen,
    /// `tunnel=`
    Tunnel,
}

impl OptionName {
    /// All names, in the order sshd tries them.
    pub const ALL: [Self; 17] = [
        Self::Restrict,
        Self::CertAuthority,
        Self::PortForwarding,
        Self::AgentForwarding,
        Self::X11Forwarding,
        Self::TouchRequired,
        Self::VerifyRequired,
        Self::Pty,
        Self::UserRc,
        Self::Command,
        Self::Principals,
        Self::From,
        Self::ExpiryTime,
        Self::Environment,
        Self::PermitOpen,
        Self::PermitListen,
        Self::Tunnel,
    ];

    /// The name as written, without `no-` and `=`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Restrict => "restrict",
            Self::CertAuthority => "cert-authority",
            Self::PortForwarding => "port-forwarding",
            Self::AgentForwarding => "agent-forwarding",
            Self::X11Forwarding => "x11-forwarding",
            Self::TouchRequired => "touch-required",
            Self::VerifyRequired => "verify-required",
            Self::Pty => "pty",
            Self::UserRc => "user-rc",
            Self::Command => "command",
            Self::Principals => "principals",
            Self::From => "from",
            Self::ExpiryTime => "expiry-time",
            Self::Environment => "environment",
            Self::PermitOpen => "permitopen",
            Self::PermitListen => "permitlisten",
            Self::Tunnel => "tunnel",
        }
    }

    /// True for options written `name="value"`.
    pub const fn takes_value(self) -> bool {
        self as u8 >= Self::Command as u8
    }

    /// True for flags with a `no-` form.
    pub const fn negatable(self) -> bool {
        !self.takes_value() && !matches!(self, Self::Restrict | Self::CertAuthority)
    }
}

/// How a build knows an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OptionSet {
    plain: u32,
    negated: u32,
}

impl OptionSet {
    /// No option at all.
    pub const NONE: Self = Self {
        plain: 0,
        negated: 0,
    };

    /// The same set with `name` known; for a flag both forms, where it has a `no-` form.
    #[must_use]
    pub const fn with(self, name: OptionName) -> Self {
        let bit = 1 << name as u8;
        let negated = if name.negatable() { bit } else { 0 };
        Self {
            plain: self.plain | bit,
            negated: self.negated | negated,
        }
    }

    /// The same set with only the `no-` form of `name` known.
    #[must_use]
    pub const fn with_negated_only(self, name: OptionName) -> Self {
        Self {
            plain: self.plain,
            negated: self.negated | 1 << name as u8,
        }
    }

    /// The same set without `name`.
    #[must_use]
    pub const fn without(self, name: OptionName) -> Self {
        let bit = 1 << name as u8;
        Self {
            plain: self.plain & !bit,
            negated: self.negated & !bit,
        }
    }

    /// True when the build reads `name`, or its `no-` form.
    pub const fn knows(self, name: OptionName, negated: bool) -> bool {
        let set = if negated { self.negated } else { self.plain };
        set >> name as u8 & 1 == 1
    }

    /// OpenSSH `major.minor`, from 7.0 on.
    pub fn openssh(major: u16, minor: u16) -> Self {
        let v = (major, minor);
        let mut set = Self::NONE;
        for name in OptionName::ALL {
            let (from, plain_from) = match name {
                OptionName::Restrict => ((7, 2), (7, 2)),
                // Before 7.2 only the `no-` forms exist.
                OptionName::PortForwarding
                | OptionName::AgentForwarding
                | OptionName::X11Forwarding
                | OptionName::Pty
                | OptionName::UserRc => ((0, 0), (7, 2)),
                OptionName::ExpiryTime => ((7, 7), (7, 7)),
                OptionName::PermitListen => ((7, 8), (7, 8)),
                OptionName::TouchRequired => ((8, 2), (8, 2)),
                OptionName::VerifyRequired => ((8, 4), (8, 4)),
                _ => ((0, 0), (0, 0)),
            };
            if v >= plain_from {
                set = set.with(name);
            } else if v >= from {
                set = set.with_negated_only(name);
            }
        }
        set
    }

    /// Dropbear of that release: everything else makes the line fail.
    pub fn dropbear(year: u16, release: u16) -> Self {
        let v = (year, release);
        let mut set = Self::NONE
            .with_negated_only(OptionName::PortForwarding)
            .with_negated_only(OptionName::AgentForwarding)
            .with_negated_only(OptionName::X11Forwarding)
            .with_negated_only(OptionName::Pty)
            .with(OptionName::Command);
        if v >= (2022, 82) {
            set = set
                .with(OptionName::PermitOpen)
                .with(OptionName::Restrict)
                .with_negated_only(OptionName::TouchRequired);
            set.plain |= 1 << OptionName::VerifyRequired as u8;
        }
        if v >= (2026, 90) {
            set = set.with(OptionName::PermitListen);
        }
        set
    }
}
