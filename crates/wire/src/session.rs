//! The transport on a real stream, with time limits, and a whole login on it.

use std::io::{self, Read, Write};
use std::time::{Duration, Instant};

use crate::auth::{self, AuthReply, Method, PublicKeyRequest};
use crate::channel::{Channel, ChannelOutput, ChannelRequest};
use crate::data::msg;
use crate::event::Event;
use crate::plan::{
    AfterSuccess, Attempt, End, Logged, LoginPlan, LoginReport, Step, StepOutcome, StepResult,
};
use crate::transport::{Transport, TransportConfig, barrier};

/// Most events kept of one connection, and most bytes they may hold together.
const MAX_EVENTS: usize = 4096;
const MAX_EVENT_BYTES: usize = 4 << 20;

/// A stream that can be told how long to wait. Set TCP_NODELAY before handing it over.
pub trait Stream: Read + Write {
    /// The longest one read or write may block; never zero.
    fn wait_at_most(&mut self, time: Duration) -> io::Result<()>;
}

impl Stream for std::net::TcpStream {
    fn wait_at_most(&mut self, time: Duration) -> io::Result<()> {
        self.set_read_timeout(Some(time))?;
        self.set_write_timeout(Some(time))
    }
}

#[cfg(unix)]
impl Stream for std::os::unix::net::UnixStream {
    fn wait_at_most(&mut self, time: Duration) -> io::Result<()> {
        self.set_read_timeout(Some(time))?;
        self.set_write_timeout(Some(time))
    }
}

impl<S: Stream + ?Sized> Stream for &mut S {
    fn wait_at_most(&mut self, time: Duration) -> io::Result<()> {
        (**self).wait_at_most(time)
    }
}

/// A connection in use.
pub struct Session<S: Stream> {
    stream: S,
    transport: Transport,
    start: Instant,
    total: Instant,
    answer: Duration,
    buffer: Vec<u8>,
    event_bytes: usize,
    /// What has been seen so far; [`login`] gives it back whole.
    pub report: LoginReport,
}

impl<S: Stream> Session<S> {
    /// Sends our identification string and KEXINIT. `answer` limits the wait for each
    /// answer, `total` the whole connection.
    pub fn new(
        stream: S,
        config: TransportConfig,
        answer: Duration,
        total: Duration,
    ) -> Result<Self, End> {
        let transport = Transport::new(config).map_err(End::Transport)?;
        let start = Instant::now();
        let mut this = Self {
            stream,
            transport,
            start,
            total: start.checked_add(total).unwrap_or(start),
            answer,
            buffer: vec![0; 32 * 1024],
            event_bytes: 0,
            report: LoginReport::default(),
        };
        // A server that turns us away may be gone already; what it said is still to be read.
        let deadline = this.deadline();
        let _ = this.flush(deadline);
        Ok(this)
    }

    /// The transport's state.
    #[must_use]
    pub fn transport(&self) -> &Transport {
        &self.transport
    }

    fn deadline(&self) -> Instant {
        let now = Instant::now();
        now.checked_add(self.answer).unwrap_or(now).min(self.total)
    }

    fn arm(&mut self, deadline: Instant) -> Result<(), End> {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(End::TimedOut);
        }
        self.stream
            .wait_at_most(left)
            .map_err(|e| End::Io(e.kind()))
    }

    fn flush(&mut self, deadline: Instant) -> Result<(), End> {
        let out = self.transport.take_output();
        let mut rest = out.as_slice();
        while !rest.is_empty() {
            self.arm(deadline)?;
            match self.stream.write(rest) {
                Ok(0) => return Err(End::Closed),
                Ok(n) => rest = rest.get(n..).unwrap_or_default(),
                Err(e) => io_end(&e)?,
            }
        }
        Ok(())
    }

    fn log(&mut self, event: &Event) {
        let at = self.start.elapsed();
        match event {
            Event::Identification(_) => self.report.timings.identification = Some(at),
            Event::NewKeys { first: true } => self.report.timings.new_keys = Some(at),
            _ => {}
        }
        // Output of a command is kept once, with the channel.
        if let Event::Message(p) = event
            && matches!(
                p.first(),
                Some(&(msg::CHANNEL_DATA | msg::CHANNEL_EXTENDED_DATA))
            )
        {
            return;
        }
        let size = match event {
            Event::Message(b) | Event::PreambleLine(b) | Event::Identification(b) => b.len(),
            Event::Debug(d) => d.text.len(),
            Event::Disconnect(d) => d.text.len(),
            Event::ExtInfo(list) => list.iter().map(|e| e.name.len() + e.value.len() + 48).sum(),
            Event::GlobalRequest { name, data, .. } => name.len() + data.len(),
            Event::ServerKexInit(init) => init.len().saturating_add(256),
            Event::HostKey(key) => key.blob.len() + key.key_format.len() + 128,
            Event::Negotiated(_) => 512,
            Event::NewKeys { .. }
            | Event::Ignore(_)
            | Event::Unimplemented(_)
            | Event::Unknown(_) => 64,
        };
        self.event_bytes = self.event_bytes.saturating_add(size);
        let bounded = self.report.events.len() >= MAX_EVENTS || self.event_bytes > MAX_EVENT_BYTES;
        // How it ended is worth more than the bound.
        if bounded && !matches!(event, Event::Disconnect(_)) {
            self.report.dropped_events = self.report.dropped_events.saturating_add(1);
        } else {
            self.report.events.push(Logged {
                at,
                event: event.clone(),
            });
        }
    }

    /// The next event, read from the stream if need be. An error is the end.
    pub fn next_event(&mut self) -> Result<Event, End> {
        let deadline = self.deadline();
        self.next_event_until(deadline)
    }

    fn next_event_until(&mut self, deadline: Instant) -> Result<Event, End> {
        loop {
            if let Some(event) = self.transport.next_event() {
                self.log(&event);
                return Ok(event);
            }
            if let Some(error) = self.transport.error() {
                return Err(End::Transport(error.clone()));
            }
            // What was asked to be sent may meet a closed door while the reason still
            // lies unread.
            let unsent = self.flush(deadline);
            if self.transport.is_disconnected() {
                let text = self.report.disconnect().cloned();
                return Err(text.map_or(End::Closed, End::Disconnected));
            }
            self.arm(deadline)?;
            match self.stream.read(&mut self.buffer) {
                Ok(0) => return Err(End::Closed),
                Ok(n) => {
                    let bytes = self.buffer.get(..n).unwrap_or_default();
                    if self.transport.feed(bytes).is_err() {
                        // Events of what came before the error are still to be had.
                        let _ = self.flush(deadline);
                    }
                }
                Err(e) => {
                    io_end(&e)?;
                    unsent?;
                }
            }
        }
    }

    /// Waits until keys are agreed on and the host key is proven.
    pub fn handshake(&mut self) -> Result<(), End> {
        let deadline = self.deadline();
        while self.report.timings.new_keys.is_none() {
            self.next_event_until(deadline)?;
        }
        Ok(())
    }

    /// Asks for the service `ssh-userauth` and waits for its acceptance.
    pub fn begin_auth(&mut self) -> Result<AuthReply, End> {
        self.ask(&auth::service_request(), Method::None)
    }

    /// Sends an authentication request and waits for the answer; banners, debug
    /// messages and the like on the way are in the report.
    pub fn ask(&mut self, payload: &[u8], method: Method) -> Result<AuthReply, End> {
        let deadline = self.deadline();
        self.transport.send(payload).map_err(End::Transport)?;
        loop {
            if let Event::Message(payload) = self.next_event_until(deadline)? {
                match AuthReply::parse(&payload, method) {
                    AuthReply::Banner(_) => {}
                    reply => return Ok(reply),
                }
            }
        }
    }

    /// Makes one step.
    pub fn step(&mut self, user: &[u8], step: &Step) -> StepResult {
        let mut began = Instant::now();
        let outcome = match step {
            Step::None => self.ask(&auth::none(user), Method::None),
            Step::Query { algorithm, blob } => {
                let request = PublicKeyRequest {
                    user,
                    algorithm,
                    blob,
                    hostbound: None,
                };
                self.ask(&request.query(), Method::PublicKey)
            }
            Step::Sign(attempt) => match self.signed(user, attempt) {
                Ok(payload) => {
                    began = Instant::now();
                    self.ask(&payload, Method::PublicKey)
                }
                Err(outcome) => {
                    return StepResult {
                        outcome,
                        took: began.elapsed(),
                    };
                }
            },
            Step::Password(password) => {
                let payload = zeroize::Zeroizing::new(auth::password(user, password));
                self.ask(&payload, Method::Password)
            }
            Step::KeyboardInteractive(answers) => self.interactive(user, answers),
        };
        let took = began.elapsed();
        if matches!(outcome, Err(_) | Ok(AuthReply::Disconnected(_))) {
            self.report.silence = Some(took);
        }
        let outcome = match outcome {
            Ok(AuthReply::PkOk { algorithm, blob }) => {
                let echoes_request = matches!(step,
                    Step::Query { algorithm: a, blob: b } if *a == algorithm && *b == blob);
                StepOutcome::PkOk {
                    echoes_request,
                    algorithm,
                    blob,
                }
            }
            Ok(AuthReply::Failure { methods, partial }) => {
                StepOutcome::Failure { methods, partial }
            }
            Ok(AuthReply::Success) => StepOutcome::Success,
            Ok(AuthReply::PasswordChange(prompt)) => StepOutcome::PasswordChange(prompt),
            Ok(other) => StepOutcome::Unexpected(other),
            Err(end) => StepOutcome::Ended(end),
        };
        StepResult { outcome, took }
    }

    fn signed(&self, user: &[u8], attempt: &Attempt) -> Result<Vec<u8>, StepOutcome> {
        let request = PublicKeyRequest {
            user,
            algorithm: &attempt.algorithm,
            blob: &attempt.blob,
            hostbound: self.transport.host_key().filter(|_| attempt.hostbound),
        };
        let data = request.signed_data(self.transport.session_id().unwrap_or_default());
        let sign_as = attempt
            .sign_as
            .clone()
            .unwrap_or_else(|| auth::signature_algorithm(&attempt.algorithm));
        let mut signature = attempt
            .signer
            .sign(&sign_as, &data)
            .map_err(StepOutcome::NotSigned)?;
        if let Some(label) = &attempt.label {
            signature = auth::relabel(&signature, label);
        }
        if attempt.corrupt {
            signature = auth::corrupt(&signature);
        }
        Ok(request.attempt(&signature))
    }

    fn interactive(
        &mut self,
        user: &[u8],
        answers: &[zeroize::Zeroizing<Vec<u8>>],
    ) -> Result<AuthReply, End> {
        let mut left = answers.iter();
        let mut reply = self.ask(
            &auth::keyboard_interactive(user),
            Method::KeyboardInteractive,
        )?;
        // A server may ask for ever; we do not answer for ever.
        for _ in 0..16 {
            let AuthReply::InfoRequest { prompts, .. } = &reply else {
                break;
            };
            let given: Vec<&[u8]> = prompts
                .iter()
                .map(|_| left.next().map_or(&b""[..], |answer| answer.as_slice()))
                .collect();
            let payload = zeroize::Zeroizing::new(auth::info_response(&given));
            reply = self.ask(&payload, Method::KeyboardInteractive)?;
        }
        Ok(reply)
    }

    /// After success: proves that the server goes on, with a request it must answer.
    /// All SSH_MSG_DEBUG that sshd had queued has come by then.
    pub fn prove_alive(&mut self) -> Result<(), End> {
        let deadline = self.deadline();
        self.transport.send(&barrier()).map_err(End::Transport)?;
        loop {
            if let Event::Message(payload) = self.next_event_until(deadline)?
                && matches!(
                    payload.first(),
                    Some(&(msg::REQUEST_FAILURE | msg::REQUEST_SUCCESS))
                )
            {
                return Ok(());
            }
        }
    }

    /// Opens a session channel, starts `request`, and collects what comes until the
    /// channel closes, `max_output` bytes are there, or the time is up.
    pub fn run(
        &mut self,
        request: ChannelRequest,
        stdin: Vec<u8>,
        max_output: u32,
    ) -> (ChannelOutput, Option<End>) {
        let (mut channel, open) = Channel::open(request, stdin, max_output);
        let result = self.pump(&mut channel, &open);
        (channel.into_output(), result.err())
    }

    fn pump(&mut self, channel: &mut Channel, open: &[u8]) -> Result<(), End> {
        self.transport.send(open).map_err(End::Transport)?;
        while !channel.is_done() {
            let deadline = self.total;
            if let Event::Message(payload) = self.next_event_until(deadline)? {
                for payload in channel.message(&payload) {
                    self.transport.send(&payload).map_err(End::Transport)?;
                }
            }
        }
        let deadline = self.deadline();
        self.flush(deadline)
    }

    /// Says SSH_MSG_DISCONNECT; the stream is the caller's to close.
    pub fn disconnect(&mut self, code: u32, text: &[u8]) -> Result<(), End> {
        self.transport
            .disconnect(code, text)
            .map_err(End::Transport)?;
        let deadline = self.deadline();
        self.flush(deadline)
    }
}

/// `Ok` to try again; else how it ended.
fn io_end(error: &io::Error) -> Result<(), End> {
    match error.kind() {
        io::ErrorKind::Interrupted => Ok(()),
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => Err(End::TimedOut),
        io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe
        | io::ErrorKind::UnexpectedEof => Err(End::Closed),
        kind => Err(End::Io(kind)),
    }
}

/// Carries out a plan on a connected stream. Never fails: how it ended is in the report.
pub fn login<S: Stream>(stream: &mut S, plan: &LoginPlan) -> LoginReport {
    let config = plan.transport.clone();
    let mut session = match Session::new(stream, config, plan.step_timeout, plan.total_timeout) {
        Ok(session) => session,
        Err(end) => {
            return LoginReport {
                end: Some(end),
                ..LoginReport::default()
            };
        }
    };
    if let Err(end) = session.carry_out(plan) {
        session.report.end = Some(end);
    }
    session.report.timings.total = session.start.elapsed();
    session.report
}

impl<S: Stream> Session<S> {
    fn carry_out(&mut self, plan: &LoginPlan) -> Result<(), End> {
        self.handshake()?;
        match self.begin_auth()? {
            AuthReply::ServiceAccept(_) => {}
            AuthReply::Disconnected(d) => return Err(End::Disconnected(d)),
            _ => {
                let error = crate::error::TransportError::Unexpected(0);
                return Err(End::Transport(error));
            }
        }
        let mut success = false;
        for step in &plan.steps {
            let result = self.step(&plan.user, step);
            let ended = match &result.outcome {
                StepOutcome::Ended(end) => Some(end.clone()),
                _ => None,
            };
            success = result.outcome == StepOutcome::Success;
            self.report.steps.push(result);
            if let Some(end) = ended {
                return Err(end);
            }
            if success {
                break;
            }
        }
        self.report.timings.authenticated = Some(self.start.elapsed());
        if !success {
            return Ok(());
        }
        match &plan.exec {
            None => {
                let alive = self.prove_alive();
                self.report.after_success = Some(match alive.clone() {
                    Ok(()) => AfterSuccess::Alive,
                    Err(end) => AfterSuccess::Ended(end),
                });
                alive
            }
            Some(request) => {
                let (output, end) = self.run(request.clone(), plan.stdin.clone(), plan.max_output);
                let alive = output.opened || output.open_failure.is_some();
                self.report.after_success = Some(match (&end, alive) {
                    (Some(end), false) => AfterSuccess::Ended(end.clone()),
                    _ => AfterSuccess::Alive,
                });
                self.report.exec = Some(output);
                end.map_or(Ok(()), Err)
            }
        }
    }
}
