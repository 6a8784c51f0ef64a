//! How the program is linked.

#[expect(clippy::disallowed_methods, reason = "what is built for is told in variables, and is no setting")]
fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let is = |name: &str, value: &str| std::env::var(name).is_ok_and(|found| found == value);
    // Addresses that are fixed at each start fill a megabyte and a half; packed, next to nothing, and fewer pages of the
    // file are touched. glibc understands this since 2.36.
    if is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu") {
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
}
