//! The servers that there are to ask: the installed one, and those of the cache.

use std::path::Path;

use sshwhy_world::{Build, Software};

use crate::lab::{LabConfig, RootSource};
use crate::scenarios::build_of;
use crate::setup::{SUITES, cache, upstream};

/// One server.
#[derive(Clone, Debug)]
pub struct Target {
    /// Its name in tables and for `--on`.
    pub name: String,
    /// Its build.
    pub build: Build,
    /// Where it runs.
    pub config: LabConfig,
    /// A disagreement fails the run; otherwise it is only reported.
    pub gate: bool,
}

impl Target {
    /// The installed sshd, or the one in its place.
    ///
    /// # Errors
    /// Its build is none that is known.
    pub fn host(base: &LabConfig) -> Result<Target, String> {
        let sshd = base.program();
        let build = build_of(&sshd).ok_or_else(|| {
            format!(
                "{} is of no build that is known: say --build NAME",
                sshd.display()
            )
        })?;
        Ok(Target {
            name: "host".into(),
            build,
            config: base.clone(),
            gate: true,
        })
    }

    /// Our own server in this one's place.
    #[must_use]
    pub fn own(&self) -> Target {
        Target {
            name: "our own server".into(),
            config: LabConfig {
                own: Some(self.build.clone()),
                ..self.config.clone()
            },
            ..self.clone()
        }
    }

    /// Of these the OpenSSH builds that decide, each once: an installed server stands for its suite's.
    #[must_use]
    pub fn deciding(mut all: Vec<Target>) -> Vec<Target> {
        all.retain(|t| t.gate && t.build.software == Software::OpenSsh);
        let mut seen = Vec::new();
        all.retain(|t| {
            let new = !seen.contains(&t.build.name);
            seen.push(t.build.name.clone());
            new
        });
        all
    }

    /// Every server there is, and one line for each that there is not.
    #[must_use]
    pub fn all(base: &LabConfig) -> (Vec<Target>, Vec<String>) {
        let (mut out, mut missing) = (Vec::new(), Vec::new());
        match Target::host(base) {
            Ok(host) => out.push(host),
            Err(why) => missing.push(why),
        }
        let plain = LabConfig {
            sshd: None,
            ..base.clone()
        };
        let dropbear = |root| LabConfig {
            software: Software::Dropbear,
            root,
            ..plain.clone()
        };
        for suite in SUITES {
            let Some(root) = suite.root() else {
                missing.push(format!(
                    "suite {} is not in {}: cargo xtask lab setup",
                    suite.name,
                    cache().display()
                ));
                continue;
            };
            let root = RootSource::Dir(root);
            if let Some(build) = suite.openssh() {
                let config = LabConfig {
                    root: root.clone(),
                    ..plain.clone()
                };
                out.push(Target {
                    name: suite.name.into(),
                    build,
                    config,
                    gate: suite.gate,
                });
            }
            if let Some(build) = suite.dropbear() {
                let name = format!("{}-dropbear", suite.name);
                out.push(Target {
                    name,
                    build,
                    config: dropbear(root),
                    gate: suite.gate,
                });
            }
        }
        match upstream() {
            Some((sshd, root, build)) => {
                let root = RootSource::Dir(root);
                let config = LabConfig {
                    sshd: Some(sshd),
                    root,
                    ..plain.clone()
                };
                out.push(Target {
                    name: "upstream".into(),
                    build,
                    config,
                    gate: true,
                });
            }
            None => missing.push("no upstream build: cargo xtask lab setup --upstream".into()),
        }
        let installed = Path::new("/usr/sbin/dropbear");
        if installed.exists()
            && !out.iter().any(|t| t.build.software == Software::Dropbear)
            && let Some(build) = build_of(installed)
        {
            let config = dropbear(RootSource::Host);
            out.push(Target {
                name: "host-dropbear".into(),
                build,
                config,
                gate: true,
            });
        }
        (out, missing)
    }
}
