//! The memory of this process.

/// The most memory, in bytes, that this process has had resident; `None` on systems other than Linux.
pub(super) fn peak_rss_bytes() -> Option<u64> {
    high_water(&std::fs::read_to_string("/proc/self/status").ok()?)
}

/// The bytes of `VmHWM` in a process's status, which counts in kB of 1024 bytes.
fn high_water(status: &str) -> Option<u64> {
    let value = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(1024 * value.trim().strip_suffix("kB")?.trim_end().parse::<u64>().ok()?)
}

#[cfg(test)]
mod tests {
    use super::high_water;

    #[test]
    fn the_high_water_mark_is_in_bytes() {
        assert_eq!(high_water("VmPeak:\t    9999 kB\nVmHWM:\t    2156 kB\nVmRSS:\t    2000 kB\n"), Some(2156 * 1024));
        assert_eq!(high_water("VmHWM:\n"), None);
        assert_eq!(high_water(""), None);
    }
}
