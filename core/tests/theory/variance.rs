//! Shares of a variance, against functions whose shares are known.

use plimsoll::statistics::{SobolDesign, SobolIndex};

const PI: f64 = std::f64::consts::PI;

fn indices(inputs: usize, rows: u32, seed: u32, of: impl Fn(&[f64]) -> f64) -> Vec<SobolIndex> {
    let design = SobolDesign::new(inputs, rows, seed).unwrap();
    let answers: Vec<_> = (0..design.count()).map(|at| Some(of(&design.point(at)))).collect();
    design.indices(&answers).unwrap()
}

/// Ishigami & Homma 1990 with a = 7 and b = 0.1: the second input acts alone, the third only with the
/// first.
fn ishigami(point: &[f64]) -> f64 {
    let x: Vec<f64> = point.iter().map(|share| PI * (2.0 * share - 1.0)).collect();
    let sine = |x: f64| libm::sin(x);
    sine(x[0]) + 7.0 * sine(x[1]) * sine(x[1]) + 0.1 * x[2] * x[2] * x[2] * x[2] * sine(x[0])
}

/// Its shares from the closed forms of the three partial variances.
fn ishigami_shares() -> ([f64; 3], [f64; 3]) {
    let (a, b) = (7.0, 0.1);
    let pi4 = PI * PI * PI * PI;
    let alone = [(1.0 + b * pi4 / 5.0) * (1.0 + b * pi4 / 5.0) / 2.0, a * a / 8.0, 0.0];
    let together = b * b * pi4 * pi4 * (1.0 / 18.0 - 1.0 / 50.0);
    let all = alone.iter().sum::<f64>() + together;
    let total = [alone[0] + together, alone[1], together];
    (alone.map(|one| one / all), total.map(|one| one / all))
}

#[test]
fn ishigami_has_its_known_shares() {
    let found = indices(3, 2048, 7, ishigami);
    let (first, total) = ishigami_shares();
    for (input, index) in found.iter().enumerate() {
        for (share, known) in [(index.first, first[input]), (index.total, total[input])] {
            assert!(share.interval.contains(known), "input {input}: {share:?}, known {known}");
            assert!((share.value - known).abs() < 0.03, "input {input}: {share:?}, known {known}");
            assert!(share.interval.half_width() < 0.08, "input {input}: {share:?}");
        }
    }
}

#[test]
fn intervals_hold_what_they_promise() {
    let (first, total) = ishigami_shares();
    let (mut held, mut all) = (0, 0);
    for seed in 0..100 {
        for (input, index) in indices(3, 128, seed, ishigami).iter().enumerate() {
            for (share, known) in [(index.first, first[input]), (index.total, total[input])] {
                held += u32::from(share.interval.contains(known));
                all += 1;
            }
        }
    }
    let share = f64::from(held) / f64::from(all);
    assert!(share >= 0.93, "{share}");
}

#[test]
fn in_a_sum_first_and_total_effects_are_the_same_and_squares_of_the_weights() {
    let weights = [4.0, 2.0, 1.0, 0.0];
    let sum = |point: &[f64]| point.iter().zip(weights).map(|(x, weight)| x * weight).sum();
    let found = indices(4, 1024, 3, sum);
    for (index, weight) in found.iter().zip(weights) {
        let known = weight * weight / 21.0;
        assert!((index.first.value - known).abs() < 0.02, "{index:?}, known {known}");
        assert!((index.total.value - known).abs() < 0.02, "{index:?}, known {known}");
    }
    assert_eq!((found[3].first.value, found[3].total.value), (0.0, 0.0));
}

#[test]
fn a_row_with_an_answer_missing_is_left_out() {
    let design = SobolDesign::new(2, 512, 1).unwrap();
    let answer = |at: usize| (at % 40 != 3).then(|| design.point(at).iter().sum::<f64>());
    let answers: Vec<_> = (0..design.count()).map(answer).collect();
    for index in design.indices(&answers).unwrap() {
        assert!(index.total.interval.contains(0.5), "{index:?}");
    }
    assert_eq!(design.indices(&vec![None; design.count()]), None);
    assert_eq!(design.indices(&vec![Some(1.0); design.count()]), None);
    assert_eq!(SobolDesign::new(129, 64, 1), None);
    assert_eq!(SobolDesign::new(2, 7, 1), None);
}
