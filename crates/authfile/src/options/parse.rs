//! The parser: a cursor over the line, as `sshauthopt_parse` moves its own.

use super::value::{self, BadPermit, EnvVar, Expiry, Secret, Value};
use super::{Item, OptionError, OptionErrorKind, OptionName, Options};
use crate::rules::{Flavour, Rules};
use crate::span::Span;
use alloc::vec::Vec;

const ENV_MAX: usize = 1024;
const PERMIT_MAX: usize = 4096;

type Parsed<T> = Result<T, OptionError>;

struct Cursor<'a> {
    text: &'a [u8],
    at: usize,
    base: usize,
}

impl<'a> Cursor<'a> {
    fn rest(&self) -> &'a [u8] {
        self.text.get(self.at..).unwrap_or(&[])
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn span(&self, from: usize, to: usize) -> Span {
        Span::new(from, to).shift(self.base)
    }

    fn starts_with(&self, word: &str) -> bool {
        self.rest()
            .get(..word.len())
            .is_some_and(|w| w.eq_ignore_ascii_case(word.as_bytes()))
    }

    /// From here to the next comma or blank outside of quotes: what a caret shows for an item that is not known.
    fn item_end(&self) -> usize {
        let mut quoted = false;
        let mut at = self.at;
        while let Some(&b) = self.text.get(at) {
            match b {
                b'"' => quoted = !quoted,
                b',' | b' ' | b'\t' if !quoted => break,
                _ => {}
            }
            at += 1;
        }
        at
    }

    fn fail<T>(&self, kind: OptionErrorKind, from: usize, to: usize) -> Parsed<T> {
        Err(OptionError {
            kind,
            span: self.span(from, to),
        })
    }

    /// `opt_dequote`: the value between double quotes, `\"` for a quote.
    fn dequote(&mut self) -> Parsed<Value> {
        if self.peek() != Some(b'"') {
            return self.fail(
                OptionErrorKind::MissingStartQuote,
                self.at,
                self.item_end().max(self.at + 1),
            );
        }
        let open = self.at;
        let mut at = open + 1;
        let mut bytes = Vec::new();
        loop {
            match self.text.get(at..).unwrap_or(&[]) {
                [] => return self.fail(OptionErrorKind::MissingEndQuote, open, open + 1),
                [b'"', ..] => break,
                [b'\\', b'"', ..] => {
                    bytes.push(b'"');
                    at += 2;
                }
                [b, ..] => {
                    bytes.push(*b);
                    at += 1;
                }
            }
        }
        self.at = at + 1;
        Ok(Value {
            bytes,
            span: self.span(open + 1, at),
        })
    }
}

/// What an item begins with.
struct Head {
    name: OptionName,
    negated: bool,
    len: usize,
}

fn head(c: &Cursor<'_>, knows: impl Fn(OptionName, bool) -> bool) -> Option<Head> {
    let negated_here = c.starts_with("no-");
    for name in OptionName::ALL {
        let word = name.as_str();
        if name.takes_value() {
            if knows(name, false) && c.starts_with(word) && c.rest().get(word.len()) == Some(&b'=')
            {
                return Some(Head {
                    name,
                    negated: false,
                    len: word.len() + 1,
                });
            }
            continue;
        }
        // `opt_flag` skips `no-` first, so `no-` in front of a plain name is never that plain name.
        if negated_here && knows(name, true) {
            let tail = Cursor {
                text: c.text,
                at: c.at + 3,
                base: c.base,
            };
            if tail.starts_with(word) {
                return Some(Head {
                    name,
                    negated: true,
                    len: 3 + word.len(),
                });
            }
        }
        if knows(name, false) && c.starts_with(word) {
            return Some(Head {
                name,
                negated: false,
                len: word.len(),
            });
        }
    }
    None
}

/// The name of the option at the cursor when some build knows it and this one does not.
fn newer(c: &Cursor<'_>, rules: &Rules) -> Option<OptionName> {
    let all = head(c, |name, negated| !negated || name.negatable())?;
    let ends = matches!(c.text.get(c.at + all.len), None | Some(b',' | b' ' | b'\t'))
        || all.name.takes_value();
    (ends && !rules.options.knows(all.name, all.negated)).then_some(all.name)
}

fn flag(o: &mut Options, name: OptionName, on: bool) {
    match name {
        OptionName::Restrict => {
            o.restricted = true;
            o.port_forwarding = false;
            o.agent_forwarding = false;
            o.x11_forwarding = false;
            o.pty = false;
            o.user_rc = false;
        }
        OptionName::CertAuthority => o.cert_authority = on,
        OptionName::PortForwarding => o.port_forwarding = on,
        OptionName::AgentForwarding => o.agent_forwarding = on,
        OptionName::X11Forwarding => o.x11_forwarding = on,
        OptionName::TouchRequired => o.touch_required = on,
        OptionName::VerifyRequired => o.verify_required = on,
        OptionName::Pty => o.pty = on,
        OptionName::UserRc => o.user_rc = on,
        _ => {}
    }
}

fn valued(
    o: &mut Options,
    c: &mut Cursor<'_>,
    from: usize,
    name: OptionName,
    rules: &Rules,
) -> Parsed<Span> {
    let twice = match name {
        OptionName::Command => o.command.is_some(),
        OptionName::Principals => o.principals.is_some(),
        OptionName::From => o.from.is_some(),
        _ => false,
    };
    if twice {
        return c.fail(OptionErrorKind::Multiple(name), from, c.item_end());
    }
    let full = match name {
        OptionName::Environment if o.environment.len() > ENV_MAX => {
            Some(OptionErrorKind::TooManyEnvironment)
        }
        OptionName::PermitOpen if o.permitopen.len() > PERMIT_MAX => {
            Some(OptionErrorKind::TooManyPermissions)
        }
        OptionName::PermitListen if o.permitlisten.len() > PERMIT_MAX => {
            Some(OptionErrorKind::TooManyPermissions)
        }
        _ => None,
    };
    if let Some(kind) = full {
        return c.fail(kind, from, c.item_end());
    }
    let v = c.dequote()?;
    let span = v.span;
    let bad = |kind| Err(OptionError { kind, span });
    match name {
        OptionName::Command => o.command = Some(Secret::new(v.bytes, span)),
        OptionName::Principals => o.principals = Some(v),
        OptionName::From => o.from = Some(v),
        OptionName::ExpiryTime => match value::absolute_time(&v.bytes, rules.expiry_utc) {
            Some((time, utc)) => o.expiry.push(Expiry { time, utc, span }),
            None => return bad(OptionErrorKind::InvalidExpiresTime),
        },
        OptionName::Environment => {
            let Some(eq) = v.bytes.iter().position(|&b| b == b'=') else {
                return bad(OptionErrorKind::InvalidEnvironment);
            };
            let (var, val) = v.bytes.split_at(eq);
            let ok =
                |b: &u8| b.is_ascii_alphanumeric() || (*b == b'_' && rules.environment_underscore);
            // (Builds before 7.9 let an empty name pass; nobody writes one.)
            if !var.iter().all(ok) || var.is_empty() {
                return bad(OptionErrorKind::InvalidEnvironment);
            }
            if !o.environment.iter().any(|e| e.name == var) {
                let value = Secret::new(val.get(1..).unwrap_or(&[]).to_vec(), span);
                o.environment.push(EnvVar {
                    name: var.to_vec(),
                    value,
                });
            }
        }
        OptionName::PermitOpen | OptionName::PermitListen => {
            let listen = name == OptionName::PermitListen;
            let permit = match value::permit(&v.bytes, listen, rules, span) {
                Ok(p) => p,
                Err(BadPermit::Host) => return bad(OptionErrorKind::InvalidPermissionHostname),
                Err(BadPermit::Port) => return bad(OptionErrorKind::InvalidPermissionPort),
            };
            if listen {
                o.permitlisten.push(permit)
            } else {
                o.permitopen.push(permit)
            }
        }
        OptionName::Tunnel => match value::tunnel(&v.bytes) {
            Some(t) => o.tunnel = Some(t),
            None => return bad(OptionErrorKind::InvalidTunDevice),
        },
        _ => {}
    }
    Ok(span)
}

impl Options {
    /// Parse the options at the start of `text`, which may be the whole rest of the line: they end at the first
    /// SPACE or TAB outside of quotes. Spans count from the start of `text`.
    ///
    /// On an error the options read so far come with it, for showing; sshd takes none of them.
    pub fn parse(text: &[u8], rules: &Rules) -> (Self, Result<(), OptionError>) {
        Self::parse_at(text, 0, rules)
    }

    /// As [`Options::parse`], with spans moved right by `base`.
    pub fn parse_at(text: &[u8], base: usize, rules: &Rules) -> (Self, Result<(), OptionError>) {
        let mut o = Self::default();
        let text = text.split(|&b| b == 0).next().unwrap_or(&[]);
        let mut c = Cursor { text, at: 0, base };
        let result = o.fill(&mut c, rules);
        (o, result)
    }

    fn fill(&mut self, c: &mut Cursor<'_>, rules: &Rules) -> Parsed<()> {
        while !matches!(c.peek(), None | Some(b' ' | b'\t')) {
            let from = c.at;
            let item_end = c.item_end();
            if let Some(h) = head(c, |name, negated| rules.options.knows(name, negated)) {
                c.at += h.len;
                let value = if h.name.takes_value() {
                    Some(valued(self, c, from, h.name, rules)?)
                } else {
                    flag(self, h.name, !h.negated);
                    None
                };
                self.items.push(Item {
                    name: h.name,
                    negated: h.negated,
                    span: c.span(from, c.at),
                    value,
                });
            } else if rules.flavour == Flavour::Dropbear {
                let newer = newer(c, rules);
                return c.fail(
                    OptionErrorKind::Unknown { newer },
                    from,
                    item_end.max(from + 1),
                );
            }
            match c.peek() {
                None | Some(b' ' | b'\t') => break,
                Some(b',') => {}
                Some(_) => {
                    let start = Cursor {
                        text: c.text,
                        at: from,
                        base: c.base,
                    };
                    let newer = newer(&start, rules);
                    return c.fail(
                        OptionErrorKind::Unknown { newer },
                        from,
                        item_end.max(c.at + 1),
                    );
                }
            }
            c.at += 1;
            if c.peek().is_none() {
                return c.fail(OptionErrorKind::UnexpectedEnd, c.at - 1, c.at);
            }
        }
        Ok(())
    }
}
