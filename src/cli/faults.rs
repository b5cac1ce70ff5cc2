//! Ends that no command can turn into an error of its own: a panic, memory that the system does not give, a library that
//! gives up. Each prints an error and a hint and exits with 2.

#[cfg(unix)]
use super::print::at_once;
use super::print::note;

/// What is printed where memory is refused or a library gives up; the line above it, of Rust or the library, tells more.
#[cfg(unix)]
const GAVE_UP: &str = "error: cannot go on: oasis: memory was refused, or a library gave up\n\
    hint: raise the limit of memory (ulimit -v), or ask for fewer --threads\n";

/// Has each of them print an error from now on.
pub fn listen() {
    std::panic::set_hook(Box::new(|info| {
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        note(format_args!("error: oasis panicked: {place}: {}", info.payload_as_str().unwrap_or("no message")));
        note("hint: this is a fault of oasis; tell its authors the command and this line");
    }));
    #[cfg(unix)]
    // SAFETY: `gave_up` calls only what a signal's handler may; ignoring a signal calls no code.
    unsafe {
        let handler: extern "C" fn(libc::c_int) = gave_up;
        libc::signal(libc::SIGABRT, handler as libc::sighandler_t);
        // A file that may not grow is then an error of the write.
        libc::signal(libc::SIGXFSZ, libc::SIG_IGN);
    }
}

#[cfg(unix)]
extern "C" fn gave_up(_: libc::c_int) {
    at_once(GAVE_UP);
    // SAFETY: ends the process, which a signal's handler may do.
    unsafe { libc::_exit(2) }
}
