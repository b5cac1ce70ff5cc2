//! Running `oasis` on hostile input: how it ended, what it printed, what memory and time it took.

use std::ffi::{OsStr, OsString};
use std::io::Read;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// How long a command may take before it counts as hung.
const PATIENCE: Duration = Duration::from_secs(60);

/// A run of the binary that has ended.
#[derive(Debug)]
pub struct Ran {
    /// The exit code; `None` where a signal ended it.
    pub code: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// What it printed, with bytes that are not UTF-8 replaced.
    pub stdout: String,
    /// What it printed on the other stream.
    pub stderr: String,
    /// The most memory that it held, in MiB.
    pub peak: u64,
    /// How long it took.
    pub time: Duration,
}

/// The binary with arguments, in an environment that names no library and no Python.
pub fn oasis<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_oasis"));
    command.args(arguments).stdin(Stdio::null());
    for name in ["ORT_DYLIB_PATH", "VIRTUAL_ENV", "CONDA_PREFIX", "OASIS_LOG"] {
        command.env_remove(name);
    }
    command
}

/// Runs a command to its end, which comes after a minute at the latest.
///
/// # Panics
/// Where it cannot be started, or does not end by itself.
pub fn run(command: &mut Command) -> Ran {
    let started = Instant::now();
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary runs");
    let [stdout, stderr] = streams(&mut child);
    let (status, peak) = ended(&child, started).unwrap_or_else(|| {
        let _ = child.kill();
        panic!("hung: {command:?}");
    });
    let time = started.elapsed();
    let [stdout, stderr] = [stdout, stderr].map(|reader| reader.join().expect("a stream is read"));
    Ran { code: status.code(), signal: status.signal(), stdout, stderr, peak, time }
}

/// Reads both streams of a child on threads of their own.
fn streams(child: &mut Child) -> [std::thread::JoinHandle<String>; 2] {
    fn reader(mut stream: impl Read + Send + 'static) -> std::thread::JoinHandle<String> {
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            let _ = stream.read_to_end(&mut bytes);
            String::from_utf8_lossy(&bytes).into_owned()
        })
    }
    [reader(child.stdout.take().expect("a pipe")), reader(child.stderr.take().expect("a pipe"))]
}

/// How a child ended, and its peak memory in MiB; `None` where it has not ended in time.
fn ended(child: &Child, started: Instant) -> Option<(ExitStatus, u64)> {
    while started.elapsed() < PATIENCE {
        let mut status = 0;
        // SAFETY: a structure of numbers, for which zeros are valid.
        let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
        // SAFETY: `status` and `usage` are valid places for the answers about a child that nobody else waits for.
        let found = unsafe { libc::wait4(child.id() as i32, &mut status, libc::WNOHANG, &mut usage) };
        if found != 0 {
            assert_eq!(found, child.id() as i32, "waiting for the child failed");
            return Some((ExitStatus::from_raw(status), usage.ru_maxrss as u64 / 1024));
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    None
}

/// One row of a table of attacks: a command, and how it must end.
pub struct Case {
    /// What is hostile, in a few words.
    pub name: String,
    /// The command and its arguments.
    pub arguments: Vec<OsString>,
    /// The exit code that it must end with.
    pub exit: i32,
    /// What stderr must contain.
    pub says: Vec<String>,
    /// The most memory that it may hold, in MiB.
    pub peak: u64,
}

impl Case {
    /// A case that may hold 400 MiB: the models, one image of the largest accepted size, and the binary itself.
    pub fn new(name: impl Into<String>, arguments: impl IntoIterator<Item = OsString>, exit: i32) -> Self {
        Self { name: name.into(), arguments: arguments.into_iter().collect(), exit, says: Vec::new(), peak: 400 }
    }

    /// Demands a text on stderr.
    #[must_use]
    pub fn says(mut self, text: impl Into<String>) -> Self {
        self.says.push(text.into());
        self
    }

    /// Allows so many MiB.
    #[must_use]
    pub fn peak(mut self, mib: u64) -> Self {
        self.peak = mib;
        self
    }
}

/// Runs a table of cases two at a time, and panics with every row that ended in another way than it must.
///
/// A panic of the program, a signal and a second error line forged by a name are wrong in every case.
pub fn check(kind: &str, cases: &[Case]) {
    let next = std::sync::atomic::AtomicUsize::new(0);
    let wrong = std::sync::Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, std::sync::atomic::Ordering::SeqCst)) {
                    let ran = run(&mut oasis(&case.arguments));
                    let why = judge(case, &ran);
                    if !why.is_empty() {
                        wrong.lock().unwrap().push(format!("{}: {}\n{ran:?}", case.name, why.join("; ")));
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    println!("{kind}: {} tries, {} as they must be", cases.len(), cases.len() - wrong.len());
    assert!(wrong.is_empty(), "{kind}: {} of {} are wrong\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

/// What is wrong with how a case ended.
fn judge(case: &Case, ran: &Ran) -> Vec<String> {
    let mut wrong = Vec::new();
    if ran.code != Some(case.exit) {
        wrong.push(format!("exit {:?}, signal {:?}, expected {}", ran.code, ran.signal, case.exit));
    }
    if ran.stderr.contains("panicked") {
        wrong.push("it panicked".to_owned());
    }
    wrong.extend(
        case.says.iter().filter(|text| !ran.stderr.contains(*text)).map(|text| format!("does not say {text:?}")),
    );
    if ran.peak > case.peak {
        wrong.push(format!("held {} MiB, expected at most {}", ran.peak, case.peak));
    }
    wrong
}
