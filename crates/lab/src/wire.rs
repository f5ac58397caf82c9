//! One login over one connection, step by step.

use std::net::TcpStream;
use std::time::Duration;

use sshwhy_keys::SigAlg;
use sshwhy_scenario::{KeyMaterial, Scene, Session as Asked, Sign, Spec};
use sshwhy_wire::auth::AuthReply;
use sshwhy_wire::{Attempt, ChannelRequest, End, Session, Step, StepOutcome, TransportConfig};

use crate::keys;
use crate::outcome::{Answer, Wire};

/// How long the server may think about one answer, and how long all of it may take.
const ANSWER: Duration = Duration::from_secs(15);
const TOTAL: Duration = Duration::from_secs(40);

/// Printed before the command that is asked for, so that a forced command shows.
pub(crate) const MARK: &str = "sshwhy-lab: this is the command that was asked for";

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn ended(end: &End) -> Answer {
    Answer::Ended(match end {
        End::Disconnected(d) => format!("disconnected: {}", text(&d.text)),
        other => format!("{other:?}"),
    })
}

fn answer(outcome: &StepOutcome) -> Answer {
    match outcome {
        StepOutcome::PkOk { .. } => Answer::PkOk,
        StepOutcome::Success => Answer::Success,
        StepOutcome::Failure { methods, partial } => Answer::Failure(text(methods), *partial),
        StepOutcome::NotSigned(why) => Answer::NotSigned(why.to_string()),
        StepOutcome::Ended(end) => ended(end),
        other => Answer::Ended(format!("{other:?}")),
    }
}

/// Logs in as the specification says. How it ended is in the result.
pub fn login(stream: &mut TcpStream, spec: &Spec, scene: &Scene, keys: &dyn KeyMaterial) -> Wire {
    let mut wire = Wire::default();
    match Session::new(stream, TransportConfig::default(), ANSWER, TOTAL) {
        Ok(mut session) => {
            if let Err(end) = steps(&mut session, spec, scene, keys, &mut wire)
                && let Answer::Ended(how) = ended(&end)
            {
                wire.disconnect = Some(how);
            }
            let report = &session.report;
            wire.preamble = report.preamble().map(|l| text(l) + "\n").collect();
            wire.keys_agreed = report.timings.new_keys.is_some();
            wire.sig_algs = report.server_sig_algs().map(<[u8]>::to_vec);
            wire.identification = report.identification().map(text);
            wire.ciphers = report.server_kexinit().map(|k| k.cipher_in.clone());
            wire.silence = report.silence;
            wire.banner = report.banners().map(|b| text(&b)).collect();
            wire.debug = report.debug_messages().map(|d| text(&d.text)).collect();
            if let Some(d) = report.disconnect() {
                wire.disconnect = Some(text(&d.text));
            }
        }
        Err(end) => wire.disconnect = Some(format!("{end:?}")),
    }
    wire
}

fn steps(
    session: &mut Session<&mut TcpStream>,
    spec: &Spec,
    scene: &Scene,
    keys: &dyn KeyMaterial,
    wire: &mut Wire,
) -> Result<(), End> {
    session.handshake()?;
    match session.begin_auth()? {
        AuthReply::ServiceAccept(_) => {}
        AuthReply::Disconnected(d) => return Err(End::Disconnected(d)),
        _ => return Ok(()),
    }
    let user = &scene.attempt.user;
    let none = answer(&session.step(user, &Step::None).outcome);
    let mut inside = none == Answer::Success;
    let over = matches!(none, Answer::Ended(_));
    wire.none = Some(none);
    if let Some(key) = scene.attempt.key.as_ref().filter(|_| !inside && !over) {
        for algorithm in tries(key.offered_algorithms(), session.report.server_sig_algs()) {
            let algorithm = algorithm.name().to_vec();
            let query = Step::Query {
                algorithm: algorithm.clone(),
                blob: key.blob.clone(),
            };
            let said = answer(&session.step(user, &query).outcome);
            let go_on = matches!(said, Answer::Failure(..));
            wire.query.push((text(&algorithm), said.clone()));
            if said == Answer::PkOk {
                let signed = match keys::signer(&spec.attempt, keys) {
                    Ok(signer) => {
                        let mut attempt = Attempt::new(&algorithm, &key.blob, signer);
                        attempt.corrupt = spec.attempt.sign == Sign::Bad;
                        if spec.attempt.sign == Sign::Sha1 {
                            attempt.sign_as = Some(b"ssh-rsa".to_vec());
                        }
                        answer(&session.step(user, &Step::Sign(attempt)).outcome)
                    }
                    Err(why) => Answer::NotSigned(why),
                };
                inside = signed == Answer::Success;
                wire.sign = Some(signed);
                break;
            }
            if !go_on {
                break;
            }
        }
    }
    if inside {
        if let Err(end) = session.prove_alive() {
            wire.broken = true;
            return Err(end);
        }
        let (request, stdin) = match &spec.session {
            Asked::Exec(command) => {
                let mut line = format!("echo '{MARK}'; ").into_bytes();
                line.extend_from_slice(command);
                (ChannelRequest::Exec(line), Vec::new())
            }
            Asked::Shell => (
                ChannelRequest::Shell,
                format!("echo '{MARK}'\nexit 0\n").into_bytes(),
            ),
            Asked::Subsystem(name) => (ChannelRequest::Subsystem(name.clone()), sftp_init()),
        };
        let (out, end) = session.run(request, stdin, 1 << 16);
        let mark = MARK.as_bytes();
        wire.subsystem = matches!(spec.session, Asked::Subsystem(_));
        wire.own_session = match &spec.session {
            Asked::Subsystem(_) => out.stdout.get(4) == Some(&2),
            _ => out.stdout.windows(mark.len()).any(|w| w == mark),
        };
        wire.exit = match out.exit_status {
            None if matches!(spec.session, Asked::Subsystem(_)) && wire.own_session => Some(0),
            status => status,
        };
        wire.stdout = out.stdout;
        wire.stderr = out.stderr;
        if let Some(end) = end {
            return Err(end);
        }
    }
    let _ = session.disconnect(11, b"done");
    Ok(())
}

/// As OpenSSH's client does (`key_sig_algorithm`): of several algorithms the first that the
/// server says it takes, and only that one.
fn tries(mut algorithms: Vec<SigAlg>, server: Option<&[u8]>) -> Vec<SigAlg> {
    let Some(server) = server else {
        return algorithms;
    };
    let taken = |a: &SigAlg| server.split(|&b| b == b',').any(|s| s == a.plain().name());
    let at = algorithms.iter().position(taken).unwrap_or(0);
    algorithms.drain(..at);
    algorithms.truncate(1);
    algorithms
}

/// SSH_FXP_INIT of version 3: a server of sftp answers SSH_FXP_VERSION (2).
fn sftp_init() -> Vec<u8> {
    vec![0, 0, 0, 5, 1, 0, 0, 0, 3]
}
