//! What must come out.

use alloc::string::String;
use alloc::vec::Vec;
use sshwhy_world::build::Version;
use sshwhy_world::{Build, Software, Vendor};

/// How a login is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The key is accepted.
    Accept,
    /// It is not.
    Refuse,
    /// A fact is missing.
    Undetermined,
}

/// What must come out of a case on a build.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expectation {
    /// The verdict.
    pub verdict: Verdict,
    /// Ids of causes: the first stops the login, the others would next. Where only the first is
    /// given, nothing is said of others.
    pub causes: Vec<String>,
    /// Ids of what ends the session after the key was accepted.
    pub after_login: Vec<String>,
    /// Ids of notes.
    pub notes: Vec<String>,
}

impl Expectation {
    /// A verdict without causes.
    #[must_use]
    pub fn new(verdict: Verdict) -> Self {
        Expectation {
            verdict,
            causes: Vec::new(),
            after_login: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// Whether it says what ends the session: for certain, or as a note where that hangs on what
    /// the client asks for.
    #[must_use]
    pub fn names_an_end(&self) -> bool {
        !self.after_login.is_empty() || !self.notes.is_empty()
    }
}

/// Builds for which an expectation holds: all conditions must.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuildMatch {
    /// As it was written.
    pub text: String,
    profile: Option<String>,
    vendor: Option<Vendor>,
    software: Option<Software>,
    since: Option<Version>,
    before: Option<Version>,
}

const VENDORS: [Vendor; 5] = [
    Vendor::Upstream,
    Vendor::Debian,
    Vendor::RedHat,
    Vendor::Alpine,
    Vendor::Arch,
];

impl BuildMatch {
    /// Reads a profile's name, a vendor's word (`upstream`, `debian`, …), a program (`openssh`,
    /// `dropbear`), `>=10.0` or `<8.8`, or such conditions joined: `upstream>=9.8`,
    /// `>=8.4<10.0`. `None`: not understood.
    #[must_use]
    pub fn parse(text: &str) -> Option<BuildMatch> {
        let mut out = BuildMatch {
            text: text.into(),
            profile: None,
            vendor: None,
            software: None,
            since: None,
            before: None,
        };
        let name_end = text.find(['<', '>']).unwrap_or(text.len());
        let (name, mut rest) = text.split_at_checked(name_end)?;
        if let Some(vendor) = VENDORS.into_iter().find(|v| v.word() == name) {
            out.vendor = Some(vendor);
        } else if name == "openssh" {
            out.software = Some(Software::OpenSsh);
        } else if name == "dropbear" {
            out.software = Some(Software::Dropbear);
        } else if !name.is_empty() {
            out.profile = Some(Build::profile(name)?.name);
        }
        while !rest.is_empty() {
            let (since, after) = match (rest.strip_prefix(">="), rest.strip_prefix('<')) {
                (Some(after), _) => (true, after),
                (_, Some(after)) => (false, after),
                _ => return None,
            };
            let end = after.find(['<', '>']).unwrap_or(after.len());
            let (version, tail) = after.split_at_checked(end)?;
            let slot = if since {
                &mut out.since
            } else {
                &mut out.before
            };
            *slot = Some(Version::parse(version)?);
            rest = tail;
        }
        (!text.is_empty()).then_some(out)
    }

    /// Whether a build is among them. Bounds of versions speak of OpenSSH unless `dropbear` is
    /// named.
    #[must_use]
    pub fn matches(&self, build: &Build) -> bool {
        let bounded = self.since.is_some() || self.before.is_some();
        let software = self.software.or(bounded.then_some(Software::OpenSsh));
        self.profile.as_ref().is_none_or(|p| *p == build.name)
            && self.vendor.is_none_or(|v| v == build.vendor)
            && software.is_none_or(|s| s == build.software)
            && self.since.is_none_or(|v| build.version >= v)
            && self.before.is_none_or(|v| build.version < v)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn builds_are_matched_by_name_vendor_and_version() {
        let b = Build::profile("debian-12").unwrap();
        for yes in [
            "debian-12",
            "debian",
            "openssh",
            ">=9.0",
            "<9.3",
            "debian>=9.2p1",
            ">=8.4<10.0",
        ] {
            assert!(BuildMatch::parse(yes).unwrap().matches(&b), "{yes}");
        }
        for no in [
            "debian-13",
            "upstream",
            "dropbear",
            ">=9.3",
            "<9.2p1",
            "upstream<10.0",
        ] {
            assert!(!BuildMatch::parse(no).unwrap().matches(&b), "{no}");
        }
        for bad in ["", "windows", ">", ">=x", "debian>9"] {
            assert!(BuildMatch::parse(bad).is_none(), "{bad}");
        }
    }
}
