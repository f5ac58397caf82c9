//! Escapes a person types at the beginning of a line: `~.` and the like, as ssh(1) has them.

/// What a person wants of this client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Want {
    /// `~.`
    End,
    /// `~^Z`
    Suspend,
    /// `~?`
    Help,
}

/// Reads what is typed.
pub(crate) struct Escapes {
    /// The escape character; `None`: there is none.
    sign: Option<u8>,
    line_begins: bool,
    open: bool,
}

impl Escapes {
    pub(crate) fn new(sign: Option<u8>) -> Self {
        Escapes {
            sign,
            line_begins: true,
            open: false,
        }
    }

    /// What of `typed` goes to the server, and what is wanted here, in order; nothing follows an
    /// end.
    pub(crate) fn read(&mut self, typed: &[u8]) -> (Vec<u8>, Vec<Want>) {
        let mut send = Vec::with_capacity(typed.len());
        let mut wants = Vec::new();
        let Some(sign) = self.sign else {
            return (typed.to_vec(), wants);
        };
        for &byte in typed {
            if std::mem::take(&mut self.open) {
                let want = match byte {
                    b'.' => Some(Want::End),
                    0x1a => Some(Want::Suspend),
                    b'?' => Some(Want::Help),
                    _ => None,
                };
                if let Some(want) = want {
                    wants.push(want);
                    self.line_begins = true;
                    if want == Want::End {
                        return (send, wants);
                    }
                    continue;
                }
                send.push(sign);
                if byte != sign {
                    send.push(byte);
                }
                self.line_begins = matches!(byte, b'\r' | b'\n');
                continue;
            }
            if self.line_begins && byte == sign {
                self.open = true;
                self.line_begins = false;
                continue;
            }
            self.line_begins = matches!(byte, b'\r' | b'\n');
            send.push(byte);
        }
        (send, wants)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(typed: &[u8]) -> (Vec<u8>, Vec<Want>) {
        // Byte by byte, as a terminal gives them.
        let mut escapes = Escapes::new(Some(b'~'));
        let mut out = (Vec::new(), Vec::new());
        for byte in typed {
            let (send, wants) = escapes.read(&[*byte]);
            out.0.extend(send);
            out.1.extend(wants);
        }
        out
    }

    #[test]
    fn an_escape_counts_at_the_beginning_of_a_line_alone() {
        assert_eq!(all(b"~."), (Vec::new(), vec![Want::End]));
        assert_eq!(all(b"ls ~.\r"), (b"ls ~.\r".to_vec(), Vec::new()));
        assert_eq!(all(b"ls\r~?x"), (b"ls\rx".to_vec(), vec![Want::Help]));
        assert_eq!(all(b"~~."), (b"~.".to_vec(), Vec::new()));
        assert_eq!(all(b"~x\r~\x1a"), (b"~x\r".to_vec(), vec![Want::Suspend]));
    }

    #[test]
    fn without_a_sign_every_byte_goes_out() {
        let mut escapes = Escapes::new(None);
        assert_eq!(escapes.read(b"~.").0, b"~.");
    }
}
