//! The place in the exported code that a panic inside Burn comes from.

/// A call from the exported code into Burn or the standard library.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Caller {
    /// The function that was called, such as `one_hot`.
    pub called: Option<String>,
    /// The function that called it.
    pub function: String,
    /// File, line and column, where the program was built with line numbers.
    pub place: Option<String>,
}

/// One function of a backtrace.
struct Frame<'a> {
    symbol: &'a str,
    place: Option<&'a str>,
}

/// The innermost function of a printed backtrace that is neither Burn's nor the standard library's; nothing where all
/// functions up to the exporter's own are.
pub(crate) fn caller(backtrace: &str) -> Option<Caller> {
    let mut called = None;
    for frame in frames(backtrace) {
        let recorder = frame.place.is_some_and(|place| place.contains("src/export/capture.rs:"));
        if recorder || frame.symbol.contains("oasis::export::capture") {
            return None;
        }
        if !is_foreign(&frame) {
            return Some(Caller {
                called: called.map(function),
                function: plain(frame.symbol),
                place: frame.place.map(|place| place.trim_start_matches("./").to_owned()),
            });
        }
        called = Some(frame.symbol).filter(|_| is_burns(&frame));
    }
    None
}

/// Functions from the innermost outwards: `N: symbol`, and `at file:line:column` on the line after it. Those before the
/// panic itself, which tell how it is reported, are left out.
fn frames(backtrace: &str) -> Vec<Frame<'_>> {
    let mut frames: Vec<Frame<'_>> = Vec::new();
    for line in backtrace.lines().map(str::trim) {
        if let Some(place) = line.strip_prefix("at ") {
            if let Some(frame) = frames.last_mut() {
                frame.place.get_or_insert(place);
            }
        } else if let Some((number, symbol)) = line.split_once(": ")
            && number.bytes().all(|digit| digit.is_ascii_digit())
        {
            frames.push(Frame { symbol: symbol.trim(), place: None });
        }
    }
    let is_panic =
        |frame: &Frame<'_>| frame.symbol.contains("begin_panic_handler") || frame.symbol.ends_with("rust_begin_unwind");
    let start = frames.iter().rposition(is_panic).map_or(0, |at| at + 1);
    frames.split_off(start)
}

/// Whether a function is of Burn, of the standard library or of what these are made of.
///
/// A function that the compiler put into another one has a short name, without its crate, and is told by its file.
fn is_foreign(frame: &Frame<'_>) -> bool {
    const FOREIGN: [&str; 7] = ["std", "core", "alloc", "hashbrown", "spin", "rayon", "half"];
    let mut crates = crates(frame.symbol).peekable();
    match (crates.peek(), frame.place) {
        (None, Some(place)) => ["/rustc/", "/rustlib/", "/registry/src/"].iter().any(|folder| place.contains(folder)),
        _ => crates.all(|name| FOREIGN.contains(&name) || is_burn(name)),
    }
}

/// Whether a function is of Burn.
fn is_burns(frame: &Frame<'_>) -> bool {
    match (crates(frame.symbol).next(), frame.place) {
        (None, Some(place)) => place.contains("/burn-"),
        _ => crates(frame.symbol).any(is_burn),
    }
}

fn is_burn(name: &str) -> bool {
    name == "burn" || name.starts_with("burn_")
}

/// The crates that a symbol starts with: that of a plain path, those of the type and of the trait of `<T as Trait>::f`.
/// Types without a path (`T`, `u8`) are of none.
fn crates(symbol: &str) -> impl Iterator<Item = &str> {
    let parts = match symbol.strip_prefix('<') {
        Some(inner) => inner.splitn(2, " as ").collect(),
        None => vec![symbol],
    };
    parts.into_iter().filter_map(|part| {
        let part =
            part.trim_start_matches(['<', '&', '*', '(', '[']).trim_start_matches("mut ").trim_start_matches("dyn ");
        let (name, _) = part.split_once("::")?;
        name.bytes().all(|letter| letter.is_ascii_alphanumeric() || letter == b'_').then_some(name)
    })
}

/// The last name of a path.
fn function(symbol: &str) -> String {
    let plain = plain(symbol);
    plain.rsplit("::").find(|name| !name.starts_with('{')).unwrap_or(&plain).to_owned()
}

/// A symbol without generic arguments at its end and without the hash of old symbol names.
fn plain(symbol: &str) -> String {
    let mut path = symbol;
    if let Some((before, hash)) = path.rsplit_once("::h")
        && hash.len() == 16
        && hash.bytes().all(|digit| digit.is_ascii_hexdigit())
    {
        path = before;
    }
    while let Some(start) = path.strip_suffix('>').and_then(|_| opening(path)).filter(|start| *start > 0) {
        path = path[..start].trim_end_matches("::");
    }
    path.to_owned()
}

/// Where the bracket opens that the last letter closes.
fn opening(path: &str) -> Option<usize> {
    let mut depth = 0;
    for (at, letter) in path.char_indices().rev() {
        match letter {
            '>' if !path[..at].ends_with('-') => depth += 1,
            '<' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const READ: &str = "
   0: oasis::export::quiet::heard
             at ./src/export/quiet.rs:9:1
   1: std::panicking::panic_with_hook
   2: std::panicking::begin_panic_handler::{{closure}}
   3: __rustc::rust_begin_unwind
   4: core::panicking::panic_fmt
             at /rustc/abc/library/core/src/panicking.rs:75:14
   5: core::result::unwrap_failed
   6: burn_tensor::tensor::api::base::<impl burn_tensor::tensor::api::base::Tensor<_,_>>::into_scalar
   7: <burn_tensor::tensor::api::base::Tensor<2, burn_std::Int>>::one_hot::<3>
   8: <net::Block as net::Layer>::encode::<f32>
             at ./src/net.rs:42:13
   9: net::Net::forward
             at ./src/net.rs:60:9
  10: oasis::export::capture::record
";

    #[test]
    fn finds_the_innermost_function_outside_of_burn() {
        let found = caller(READ).expect("a caller");
        assert_eq!(found.called.as_deref(), Some("one_hot"));
        assert_eq!(found.function, "<net::Block as net::Layer>::encode");
        assert_eq!(found.place.as_deref(), Some("src/net.rs:42:13"));
    }

    #[test]
    fn finds_nothing_where_everything_is_of_burn() {
        let inlined: String =
            READ.lines().filter(|line| !line.contains("net")).map(|line| format!("{line}\n")).collect();
        assert_eq!(caller(&inlined), None);
        assert_eq!(caller("disabled backtrace"), None);
    }

    #[test]
    fn tells_crates_and_functions_of_symbols() {
        let foreign = |symbol, place| is_foreign(&Frame { symbol, place });
        assert!(foreign("<burn_tensor::Tensor<2> as core::ops::Add>::add", None));
        assert!(!foreign("<burn_tensor::Tensor<2> as net::Extra>::gather_all", None));
        assert!(!foreign("burns::net::forward", None));
        // Short names of functions that were put into others.
        let burn = "/home/a/.cargo/registry/src/index-1/burn-tensor-0.22.1/src/device.rs:848:9";
        assert!(foreign("configure<burn_tensor::device::DeviceConfig>", Some(burn)) && foreign("open", None));
        assert!(!foreign("open<net::Gate>", Some("./src/net.rs:4:5")));
        assert_eq!(plain("open<net::Gate>"), "open");
        assert_eq!(plain("net::forward::<2, fn() -> u8>"), "net::forward");
        assert_eq!(plain("net::Net::forward::h0123456789abcdef"), "net::Net::forward");
        assert_eq!(function("net::forward::{{closure}}"), "forward");
    }
}
