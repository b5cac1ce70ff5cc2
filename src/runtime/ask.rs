//! Asking a program of the system, which is given little time.

use crate::plain::spell;
use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

/// The most bytes of an answer.
const LONGEST: u64 = 1 << 20;
/// How often it is looked whether the program has ended.
const LOOK: Duration = Duration::from_millis(5);

/// What a program prints, where it ends well within `patience`; else it is ended, and there is no answer.
pub(super) fn ask(program: &Path, arguments: &[&str], patience: Duration) -> Option<String> {
    let deadline = Instant::now() + patience;
    let mut child = Command::new(program)
        .args(arguments)
        .current_dir(program.parent()?)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let answer = answer(&mut child, patience);
    let ended = ended(&mut child, if answer.is_some() { deadline } else { Instant::now() });
    if ended.is_none() {
        tracing::warn!("{} gave no answer within {} s", spell(program), patience.as_secs_f32());
        let _ = child.kill();
        // One that even this does not end is left to the system.
        let _ = self::ended(&mut child, Instant::now() + 20 * LOOK);
    }
    ended?.success().then_some(answer?)
}

/// All that a child prints; `None` where it does not close its output in time. Another thread reads, since the child's
/// own children may hold the output open for ever.
fn answer(child: &mut Child, patience: Duration) -> Option<String> {
    let stdout = child.stdout.take()?;
    let (send, receive) = mpsc::channel();
    let read = move || {
        let mut bytes = Vec::new();
        if stdout.take(LONGEST).read_to_end(&mut bytes).is_ok() {
            let _ = send.send(String::from_utf8_lossy(&bytes).into_owned());
        }
    };
    thread::Builder::new().name("answer".to_owned()).spawn(read).ok()?;
    receive.recv_timeout(patience).ok()
}

fn ended(child: &mut Child, deadline: Instant) -> Option<ExitStatus> {
    loop {
        match child.try_wait() {
            Ok(None) if Instant::now() < deadline => thread::sleep(LOOK),
            Ok(status) => return status,
            Err(_) => return None,
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn shell(script: &str) -> Option<String> {
        ask(Path::new("/bin/sh"), &["-c", script], Duration::from_millis(600))
    }

    #[test]
    fn a_program_has_so_much_time_and_no_more() {
        assert_eq!(shell("echo yes").as_deref(), Some("yes\n"));
        assert_eq!(shell("echo yes; exit 3"), None);
        assert_eq!(ask(Path::new("/no/such/program"), &[], Duration::from_secs(1)), None);
        for slow in ["sleep 30", "echo early; sleep 30", "exec >&-; sleep 30", "sleep 30 & echo early", "yes"] {
            let started = Instant::now();
            let answer = shell(slow);
            assert!(started.elapsed() < Duration::from_secs(5), "{slow}: {:?}", started.elapsed());
            assert_eq!(answer, None, "{slow}");
        }
    }
}
