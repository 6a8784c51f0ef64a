//! Style as tests: what the compiler and clippy cannot say.
//!
//! Each rule is a function from text to faults, shown to fail on a small sample beside it; here they run over the
//! repository. A fault names the file and the line, so that it can be clicked.

mod layer;
mod module;
mod repository;
mod rust;
mod text;

use repository::{File, files, top_level};

/// Fails with every fault at once.
#[track_caller]
fn none(faults: Vec<String>) {
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

fn rust_files() -> impl Iterator<Item = File> {
    files().into_iter().filter(|file| file.path.ends_with(".rs"))
}

#[test]
fn each_layer_names_only_what_lies_below_it() {
    none(rust_files().flat_map(|file| layer::faults(&file)).collect());
}

#[test]
fn every_module_of_the_api_has_its_row_in_the_layer_table() {
    none(layer::without_row(&files()));
}

#[test]
fn nothing_is_imported_by_a_glob_that_shadows_ours() {
    none(rust_files().flat_map(|file| rust::shadowing_globs(&file)).collect());
}

#[test]
fn time_and_environment_are_asked_in_one_place_each() {
    none(rust_files().flat_map(|file| rust::outside_their_place(&file)).collect());
}

#[test]
fn nothing_is_unwrapped_outside_tests() {
    none(rust_files().flat_map(|file| rust::unwraps(&file)).collect());
}

#[test]
fn every_rust_file_is_a_declared_module() {
    none(module::undeclared(&files()));
}

#[test]
fn files_stay_short() {
    none(files().iter().flat_map(text::too_long).collect());
}

#[test]
fn the_repository_speaks_of_itself_alone() {
    none(files().iter().flat_map(text::foreign_words).collect());
}

#[test]
fn the_visible_root_is_seven_names_and_the_lock() {
    none(text::root_faults(&top_level()));
}
