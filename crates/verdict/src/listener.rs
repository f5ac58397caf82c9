//! Before anybody logs in: does sshd start with this configuration, does it listen, has it read
//! what stands on the disk.

use crate::Gate;
use crate::classes;
use crate::conf::Kw;
use crate::found;
use crate::pass::{Pass, Stop};
use crate::server::Server;
use crate::startup;
use alloc::string::ToString;
use alloc::vec::Vec;
use sshwhy_causes::connect as cause;
use sshwhy_causes::{Evidence, EvidenceKind, Finding};
use sshwhy_config::{Config, Problem, ProblemKind};
use sshwhy_world::resolve::resolve;
use sshwhy_world::{Daemon, Fact, Feature, Gap, World};

/// sshd starts with the configuration on the disk.
pub(crate) fn starts(pass: &mut Pass<'_>) -> Gate {
    if let Some(problem) = pass.server.config.fatal() {
        let mut finding = invalid(pass.server, problem);
        // Without a configuration there is nothing to judge behind it.
        finding.mend.clear();
        return Err(finding.into());
    }
    if pass.server.config.incomplete() {
        return Err(incomplete(&pass.server.config).into());
    }
    let Some(daemon) = running(pass.world)? else {
        return Ok(());
    };
    startup::ready(pass, daemon.listening && !daemon.per_connection)
}

fn incomplete(config: &Config) -> Gap {
    let place = config
        .problems()
        .iter()
        .find(|p| matches!(p.kind, ProblemKind::NotLooked));
    let file = place.map_or_else(
        || "sshd_config".to_string(),
        |p| p.place.file.escape_ascii().to_string(),
    );
    Gap::could_not(
        alloc::format!("the configuration in {file}"),
        "only root may read it",
        "run the audit as root",
    )
}

fn running(world: &dyn World) -> Result<Option<Daemon>, Stop> {
    match world.daemon() {
        Fact::Known(daemon) => Ok(daemon),
        // Not knowing whether it runs leaves the verdict on the files as they are.
        Fact::Unknown(_) => Ok(None),
    }
}

/// The finding for a configuration with which sshd exits.
fn invalid(server: &Server, problem: &Problem) -> Finding {
    let place = &problem.place;
    let text = server.config_line(&place.file, place.line).unwrap_or(b"");
    let span = if place.column == 0 {
        0..text.len()
    } else {
        place.column as usize - 1..place.end_column.saturating_sub(1) as usize
    };
    let reason = problem
        .sshd_message
        .clone()
        .unwrap_or_else(|| "sshd exits".to_string());
    Finding::new(&cause::sshd_config_invalid::CAUSE)
        .arg("file", &place.file[..])
        .arg("path", &place.file[..])
        .arg("line", place.line.to_string())
        .arg("column", place.column.max(1).to_string())
        .arg("reason", reason)
        .evidence(found::text(&place.file, u64::from(place.line), text, span))
}

/// sshd reads the configuration once more for each connection, now with what it knows of the user,
/// and a Match block can end that process alone (`parse_server_match_config`).
pub(crate) fn match_config(pass: &mut Pass<'_>) -> Gate {
    let Some(place) = pass.conf.effective().aborts() else {
        return Ok(());
    };
    let text = pass
        .server
        .config_line(&place.file, place.line)
        .unwrap_or(b"");
    let start = (place.column as usize).saturating_sub(1);
    let end = (place.end_column as usize).saturating_sub(1);
    let span = if end > start {
        start..end
    } else {
        0..text.len()
    };
    let mut finding = Finding::new(&cause::sshd_config_invalid::CAUSE)
        .arg("file", &place.file[..])
        .arg("path", &place.file[..])
        .arg("line", place.line.to_string())
        .arg("column", place.column.max(1).to_string())
        .arg(
            "reason",
            "in this Match block the value ends the process of each connection that it applies to",
        )
        .evidence(found::text(&place.file, u64::from(place.line), text, span));
    finding.mend.clear();
    Err(finding.into())
}

/// Something listens.
pub(crate) fn listens(pass: &mut Pass<'_>) -> Gate {
    let Some(daemon) = running(pass.world)? else {
        pass.say("not looked at");
        return Err(Stop::Skipped);
    };
    if !daemon.listening {
        let port = pass.attempt.to.port;
        let to = match pass.attempt.to.addr {
            // Nobody named an address: none was looked at.
            classes::ANYWHERE => alloc::format!("any address, port {port}"),
            addr => core::net::SocketAddr::new(addr, port).to_string(),
        };
        let mut nobody = Evidence::new(EvidenceKind::Wire);
        nobody.value = Some(to.clone().into_bytes());
        nobody.detail = Some(b"nothing listens there".to_vec());
        let mut f = Finding::new(&cause::sshd_not_running::CAUSE)
            .arg("to", to)
            .arg("port", port.to_string())
            .evidence(nobody);
        let ports = classes::ports(pass.server);
        if !ports.contains(&port) {
            let words: Vec<Vec<u8>> = ports
                .iter()
                .map(|p| alloc::format!("port {p}").into_bytes())
                .collect();
            f = f.arg("value", found::list(&words));
        }
        return pass.refuse(f);
    }
    if daemon.binary_replaced {
        let mut program = Evidence::new(EvidenceKind::Path);
        program.path = daemon
            .pid
            .map(|pid| alloc::format!("/proc/{pid}/exe").into_bytes());
        program.detail = Some(b"no longer on the disk".to_vec());
        let f = Finding::new(&cause::sshd_upgraded_not_restarted::CAUSE)
            .evidence(program)
            .arg("pid", daemon.pid.unwrap_or(0).to_string())
            .arg("value", daemon.pid.unwrap_or(0).to_string());
        pass.notes.push(f);
    }
    if let Some(pid) = daemon.pid {
        pass.say(alloc::format!("pid {pid}"));
    }
    Ok(())
}

/// RefuseConnection.
pub(crate) fn refuse_connection(pass: &mut Pass<'_>) -> Gate {
    if !pass.has(Feature::RefuseConnection) || !pass.conf.is(Kw::RefuseConnection)? {
        return Ok(());
    }
    let said = pass.conf.flag(Kw::RefuseConnection)?;
    let f = Finding::new(&cause::refuse_connection::CAUSE).mend(sshwhy_world::Mend::Config {
        keyword: b"refuseconnection".to_vec(),
        value: b"no".to_vec(),
    });
    pass.refuse(found::with_setting(f, &said))
}

/// The listener is older than a file of its configuration.
pub(crate) fn not_reloaded(server: &Server, world: &dyn World) -> Option<Finding> {
    let Fact::Known(Some(daemon)) = world.daemon() else {
        return None;
    };
    let since = daemon.config_read_at?;
    for path in server.texts.keys() {
        let Ok(Ok(r)) = resolve(world, path, None) else {
            continue;
        };
        if r.node.mtime > since {
            return Some(
                Finding::new(&cause::sshd_config_not_reloaded::CAUSE)
                    .arg("file", path.as_slice())
                    .arg("path", path.as_slice())
                    .arg("date", crate::account::instant(r.node.mtime))
                    .arg("since", crate::account::instant(since))
                    .arg("found", crate::account::instant(since))
                    .evidence(found::path(world, path, &r.node)),
            );
        }
    }
    None
}
