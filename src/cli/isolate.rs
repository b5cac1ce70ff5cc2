//! `--isolate`: the command in a process of its own, so that what ends that process, such as a fault inside ONNX Runtime,
//! is an error of this one.

use std::ffi::OsString;
use std::process::ExitCode;

const FLAG: &str = "--isolate";

/// Runs this program once more with the same arguments but for `--isolate`, the same streams and the same folder. The
/// signals that ask a command to stop are passed on. Gives the exit code.
///
/// # Errors
/// [`oasis::ErrorKind::Runtime`] where a signal ended that process, [`oasis::ErrorKind::Environment`] where it cannot be
/// started.
pub fn run() -> oasis::Result<ExitCode> {
    let mut arguments = std::env::args_os();
    let name = arguments.next().unwrap_or_else(|| "oasis".into());
    system::run(&name, &without_flag(arguments))
}

/// The arguments without the flag. After `--` there are no flags, and no option takes it as a value.
fn without_flag(arguments: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut names_only = false;
    arguments
        .filter(|argument| {
            names_only |= argument == "--";
            names_only || argument != FLAG
        })
        .collect()
}

#[cfg(unix)]
mod system {
    use std::ffi::{OsStr, OsString};
    use std::os::unix::process::{CommandExt, ExitStatusExt};
    use std::path::{Path, PathBuf};
    use std::process::{Command, ExitCode, ExitStatus};
    use std::sync::atomic::{AtomicI32, Ordering};

    use libc::{SIGABRT, SIGBUS, SIGFPE, SIGHUP, SIGILL, SIGINT, SIGKILL, SIGSEGV, SIGTERM, c_int};
    use oasis::{Error, ErrorKind, Subject};

    /// The signals that ask a command to stop.
    const STOPS: [c_int; 3] = [SIGINT, SIGTERM, SIGHUP];

    /// The process that does the work; 0 before it is there and after it is gone.
    static WORKER: AtomicI32 = AtomicI32::new(0);
    /// A signal that came before it was there.
    static EARLY: AtomicI32 = AtomicI32::new(0);

    pub fn run(name: &OsStr, arguments: &[OsString]) -> oasis::Result<ExitCode> {
        let cannot = |why: std::io::Error| {
            Error::new(ErrorKind::Environment, "cannot start a process", Subject::setting("isolate"), &why)
                .caused_by(why)
        };
        let mut command = Command::new(program().map_err(cannot)?);
        command.arg0(name).args(arguments);
        // SAFETY: what runs between fork and exec is one system call, which touches no memory of this process.
        #[cfg(target_os = "linux")]
        unsafe {
            command.pre_exec(|| {
                libc::prctl(libc::PR_SET_PDEATHSIG, SIGTERM);
                Ok(())
            });
        }
        pass_signals_on();
        let mut worker = command.spawn().map_err(cannot)?;
        WORKER.store(worker.id() as i32, Ordering::SeqCst);
        match EARLY.load(Ordering::SeqCst) {
            0 => {}
            signal => pass_on(signal),
        }
        let status = worker.wait();
        WORKER.store(0, Ordering::SeqCst);
        ended(status.map_err(cannot)?)
    }

    /// This program, also where its file has been replaced or removed since it was started.
    fn program() -> std::io::Result<PathBuf> {
        let itself = Path::new("/proc/self/exe");
        if cfg!(target_os = "linux") && itself.exists() { Ok(itself.to_owned()) } else { std::env::current_exe() }
    }

    fn ended(status: ExitStatus) -> oasis::Result<ExitCode> {
        let signal = match (status.code(), status.signal()) {
            (Some(code @ (0..=2 | 130)), _) => return Ok(ExitCode::from(code as u8)),
            (None, Some(signal)) if STOPS.contains(&signal) => return Ok(ExitCode::from(130)),
            (Some(_), _) | (None, None) => return Ok(ExitCode::from(2)),
            (None, Some(signal)) => signal,
        };
        let known = [(SIGSEGV, "SIGSEGV"), (SIGBUS, "SIGBUS"), (SIGABRT, "SIGABRT"), (SIGFPE, "SIGFPE")];
        let known = known.into_iter().chain([(SIGILL, "SIGILL"), (SIGKILL, "SIGKILL")]).find(|(one, _)| *one == signal);
        let signal_name = known.map_or_else(|| signal.to_string(), |(number, name)| format!("{number} ({name})"));
        let why = format!("signal {signal_name} ended the process that did the work");
        let error = Error::new(ErrorKind::Runtime, "cannot go on", "oasis", why);
        Err(match signal {
            SIGKILL => error.hint("the system may have too little memory: ask for fewer `threads`"),
            _ => error.hint("it is a fault of the engine on this model: set `backend` to another engine"),
        })
    }

    /// Sends a signal on to the worker. One that a terminal has sent to both reaches the worker twice at once, which counts
    /// as one signal there.
    extern "C" fn pass_on(signal: c_int) {
        match WORKER.load(Ordering::SeqCst) {
            0 => EARLY.store(signal, Ordering::SeqCst),
            // SAFETY: `kill` may be called from a handler, and the process has not been waited for.
            worker => drop(unsafe { libc::kill(worker, signal) }),
        }
    }

    /// Passes the signals on that ask to stop, but for a hangup that is ignored, as `nohup` sees to.
    fn pass_signals_on() {
        for signal in STOPS {
            // SAFETY: the structures are of numbers and pointers, for which zeros are valid; the handler does only what a
            // handler may.
            unsafe {
                let mut old: libc::sigaction = std::mem::zeroed();
                let known = libc::sigaction(signal, std::ptr::null(), &mut old) == 0;
                if !known || (signal == SIGHUP && old.sa_sigaction == libc::SIG_IGN) {
                    continue;
                }
                let mut new: libc::sigaction = std::mem::zeroed();
                new.sa_sigaction = pass_on as *const () as usize;
                new.sa_flags = libc::SA_RESTART;
                libc::sigemptyset(&mut new.sa_mask);
                libc::sigaction(signal, &new, std::ptr::null_mut());
            }
        }
    }
}

#[cfg(not(unix))]
mod system {
    use std::ffi::{OsStr, OsString};
    use std::process::ExitCode;

    use oasis::{Error, ErrorKind, Subject};

    pub fn run(_: &OsStr, _: &[OsString]) -> oasis::Result<ExitCode> {
        let (what, setting) = ("cannot start a process", Subject::setting("isolate"));
        Err(Error::new(ErrorKind::Environment, what, setting, "this is done on Unix systems only")
            .hint("leave `isolate` out"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flag_is_left_out_and_files_of_its_name_are_kept() {
        let without = |arguments: &[&str]| without_flag(arguments.iter().map(OsString::from));
        assert_eq!(without(&["--isolate", "infer", "a.png", "--isolate"]), ["infer", "a.png"]);
        assert_eq!(without(&["infer", "--", "--isolate", "--"]), ["infer", "--", "--isolate", "--"]);
    }
}
