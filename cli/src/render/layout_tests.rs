use super::*;

#[test]
fn columns_line_up_whatever_the_width_of_a_letter() {
    let mut table = Table::new(&[Lean::Left, Lean::Right]);
    table.row(vec!["数据".into(), "1".into()]);
    table.row(vec!["b".into(), "100".into()]);
    assert_eq!(table.lines(), ["数据    1", "b     100"]);
}

#[test]
fn nothing_ends_in_blanks_and_empty_columns_take_no_room() {
    let mut table = Table::new(&[Lean::Left, Lean::Left, Lean::Left]);
    table.row(vec!["long".into(), "".into(), "x".into()]);
    table.row(vec!["a".into(), "".into(), "".into()]);
    assert_eq!(table.lines(), ["long  x", "a"]);
}

#[test]
fn bars_are_cut_at_full() {
    assert_eq!(Symbols::Ascii.bar(0.5, 4), "##..");
    assert_eq!(Symbols::Ascii.bar(1.7, 4), "####");
    assert_eq!(Symbols::Ascii.bar(f64::NAN, 4), "....");
}

#[test]
fn a_curve_keeps_its_peaks_when_it_is_squeezed() {
    assert_eq!(Symbols::Ascii.sparkline(&[0.0, 8.0, 0.0, 0.0], 2), "#_");
    assert_eq!(Symbols::Ascii.sparkline(&[4.0, 8.0], 40), "-#");
    assert_eq!(Symbols::Ascii.sparkline(&[], 40), "");
}

#[test]
fn long_words_are_cut_with_a_mark() {
    assert_eq!(Symbols::Ascii.fit("recommendation", 6), "recom~");
    assert_eq!(Symbols::Unicode.fit("api", 6), "api");
}

#[test]
fn lines_are_wrapped_and_indented() {
    let lines = wrap("- ", &"word ".repeat(20), 4);
    assert_eq!(lines.len(), 2);
    assert!(lines[0].len() <= WIDTH && lines[1].starts_with("    word"));
}
