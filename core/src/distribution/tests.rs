//! Samplers against their own distribution functions, and pinned to the bit.

use super::*;
use crate::random::Streams;

/// What is tested: a name, a sampler and the distribution function it claims.
type Case = (&'static str, Sampler, fn(f64) -> f64);

fn normal_below(z: f64) -> f64 {
    math::erfc(-z * std::f64::consts::FRAC_1_SQRT_2) / 2.0
}

fn exponential_below(x: f64) -> f64 {
    -math::exp_m1(-x)
}

fn lognormal_below(x: f64) -> f64 {
    let log_variance = math::ln(1.64);
    normal_below((math::ln(x / 2.0) + log_variance / 2.0) / log_variance.sqrt())
}

/// Mean 1.5 in four stages.
fn erlang_below(x: f64) -> f64 {
    let t = x * 4.0 / 1.5;
    1.0 - math::exp(-t) * (1.0 + t + t * t / 2.0 + t * t * t / 6.0)
}

/// Mean ½ and cv √2: half the square of a standard normal.
fn gamma_half_below(x: f64) -> f64 {
    1.0 - math::erfc(x.sqrt())
}

/// Mean 1 and squared cv 4, written with the fit's formula rather than its code.
fn hyperexponential_below(x: f64) -> f64 {
    let share = 0.5 + 0.5 * (3.0f64 / 5.0).sqrt();
    share * exponential_below(2.0 * share * x)
        + (1.0 - share) * exponential_below(2.0 * (1.0 - share) * x)
}

/// Exponent 1.5 from 2 to 500.
fn pareto_below(x: f64) -> f64 {
    (1.0 - math::pow(2.0 / x, 1.5)) / (1.0 - math::pow(2.0 / 500.0, 1.5))
}

fn cases() -> [Case; 7] {
    [
        ("exponential", Sampler::exponential(1.0).unwrap(), exponential_below),
        ("uniform", Sampler::uniform(1.0, 5.0).unwrap(), |x| (x - 1.0) / 4.0),
        ("lognormal", Sampler::lognormal(2.0, 0.8).unwrap(), lognormal_below),
        ("erlang", Sampler::erlang(1.5, 4).unwrap(), erlang_below),
        ("gamma", Sampler::gamma(0.5, 2f64.sqrt()).unwrap(), gamma_half_below),
        ("hyperexponential", Sampler::hyperexponential(1.0, 2.0).unwrap(), hyperexponential_below),
        ("bounded_pareto", Sampler::bounded_pareto(1.5, 2.0, 500.0).unwrap(), pareto_below),
    ]
}

/// Draws turned into what must be uniform on [0, 1), sorted.
fn sorted_shares(sampler: &Sampler, below: fn(f64) -> f64) -> Vec<f64> {
    let mut stream = Streams::new(42, 0).stream("distribution", "shape");
    let mut shares: Vec<_> = (0..1_000_000).map(|_| below(sampler.draw(&mut stream))).collect();
    shares.sort_by(f64::total_cmp);
    shares
}

/// Kolmogorov–Smirnov distance to the uniform, times √n: above 1.95 once in a thousand seeds.
fn kolmogorov(shares: &[f64]) -> f64 {
    let n = shares.len() as f64;
    let distance = |(i, share): (usize, &f64)| {
        (share - i as f64 / n).abs().max((share - (i + 1) as f64 / n).abs())
    };
    shares.iter().enumerate().map(distance).fold(0.0, f64::max) * n.sqrt()
}

/// Pearson's statistic over 1000 equal cells, as standard deviations above its mean: it sees local
/// bumps that the distance above averages away. Above 4 once in 10⁴ seeds.
///
/// Both catch a wrong formula, base strip or tail; one wrong layer among 256 moves less than they
/// see in a million draws, and is caught by the test that recomputes the table.
fn pearson_excess(shares: &[f64]) -> f64 {
    let mut cells = vec![0u32; 1000];
    for share in shares {
        cells[((share * 1000.0) as usize).min(999)] += 1;
    }
    let expected = shares.len() as f64 / 1000.0;
    let deviations = cells.iter().map(|&seen| f64::from(seen) - expected);
    let statistic: f64 = deviations.map(|deviation| deviation * deviation).sum();
    (statistic / expected - 999.0) / (2.0 * 999.0f64).sqrt()
}

#[test]
fn draws_follow_their_distribution() {
    for (name, sampler, below) in cases() {
        let shares = sorted_shares(&sampler, below);
        let (distance, excess) = (kolmogorov(&shares), pearson_excess(&shares));
        assert!(distance < 1.95, "{name}: Kolmogorov–Smirnov {distance}");
        assert!(excess.abs() < 4.0, "{name}: Pearson {excess}");
    }
}

#[test]
fn the_tests_notice_a_wrong_distribution() {
    let longer = Sampler::exponential(1.005).unwrap();
    assert!(kolmogorov(&sorted_shares(&longer, exponential_below)) > 1.95);
    let steadier = Sampler::lognormal(2.0, 0.79).unwrap();
    assert!(pearson_excess(&sorted_shares(&steadier, lognormal_below)) > 4.0);
}

#[test]
fn normal_draws_are_symmetric_and_standard() {
    let mut stream = Streams::new(42, 0).stream("distribution", "normal");
    let mut shares: Vec<_> =
        (0..1_000_000).map(|_| normal_below(ziggurat::normal(&mut stream))).collect();
    shares.sort_by(f64::total_cmp);
    assert!(kolmogorov(&shares) < 1.95 && pearson_excess(&shares).abs() < 4.0);
}

#[test]
fn tails_are_reached_in_proportion() {
    // Past the last edge of both ziggurats, where other code draws: P = 4.5e-4 and 2.6e-4.
    let mut stream = Streams::new(42, 0).stream("distribution", "tail");
    let n = 4_000_000;
    let exponential = (0..n).filter(|_| ziggurat::exponential(&mut stream) > 8.0).count() as f64;
    let normal = (0..n).filter(|_| ziggurat::normal(&mut stream).abs() > 3.7).count() as f64;
    for (seen, probability) in [(exponential, 3.3546e-4), (normal, 2.1560e-4)] {
        let expected = probability * f64::from(n);
        assert!((seen - expected).abs() < 3.5 * expected.sqrt(), "{seen} of {expected}");
    }
}

#[test]
fn moments_are_those_announced() {
    for (name, sampler, _) in cases() {
        let mut stream = Streams::new(42, 1).stream("distribution", "moment");
        let n = 1_000_000;
        let (mut sum, mut squares) = (0.0, 0.0);
        for _ in 0..n {
            let x = sampler.draw(&mut stream);
            sum += x;
            squares += x * x;
        }
        let mean = sum / f64::from(n);
        let cv = (squares / f64::from(n) - mean * mean).sqrt() / mean;
        let error = sampler.cv() / f64::from(n).sqrt();
        assert!((mean / sampler.mean() - 1.0).abs() < 3.5 * error, "{name}: mean {mean}");
        assert!((cv / sampler.cv() - 1.0).abs() < 0.02, "{name}: cv {cv} for {}", sampler.cv());
    }
}

#[test]
fn constructors_keep_mean_and_variation() {
    for (sampler, mean, cv) in [
        (Sampler::constant(0.3), 0.3, 0.0),
        (Sampler::exponential(0.3), 0.3, 1.0),
        (Sampler::lognormal(0.3, 2.5), 0.3, 2.5),
        (Sampler::gamma(0.3, 0.5), 0.3, 0.5),
        (Sampler::erlang(0.3, 16), 0.3, 0.25),
        (Sampler::hyperexponential(0.3, 3.0), 0.3, 3.0),
        (Sampler::hyperexponential(0.3, 100.0), 0.3, 100.0),
        (Sampler::uniform(0.0, 0.6), 0.3, 1.0 / 3f64.sqrt()),
        // Where the exponent meets the order of the moment: ln 10 / 0.9.
        (Sampler::bounded_pareto(1.0, 1.0, 10.0), 2.558_427_881_104_495, 0.726_467_305),
    ] {
        let sampler = sampler.unwrap();
        assert!((sampler.mean() - mean).abs() < 1e-12, "{sampler:?}: {}", sampler.mean());
        assert!((sampler.cv() - cv).abs() < 1e-6, "{sampler:?}: {}", sampler.cv());
    }
}

#[test]
fn impossible_parameters_are_refused() {
    let refused = [
        Sampler::constant(-1.0),
        Sampler::constant(f64::NAN),
        Sampler::exponential(0.0),
        Sampler::exponential(f64::INFINITY),
        Sampler::uniform(2.0, 1.0),
        Sampler::uniform(-1.0, 1.0),
        Sampler::lognormal(1.0, 0.0),
        Sampler::lognormal(f64::NAN, 1.0),
        Sampler::gamma(1.0, 11.0),
        Sampler::erlang(1.0, 0),
        Sampler::hyperexponential(1.0, 1.0),
        Sampler::bounded_pareto(0.0, 1.0, 2.0),
        Sampler::bounded_pareto(1.0, 2.0, 2.0),
    ];
    assert!(refused.iter().all(Option::is_none));
}

#[test]
fn draws_are_pinned() {
    let pinned: [[u64; 4]; 7] = [
        [0x3ff38d340b73e2f4, 0x3fcaf3f2602bfb2d, 0x3f8a7ce386b96068, 0x3fe3a1eb731988ee],
        [0x3ff89e4110df8178, 0x4002eb182aa84bd2, 0x4006e50c9f02a8e8, 0x4013dd5467abea24],
        [0x3ff0b31ce71e1dc8, 0x40019747c851bcde, 0x3ff0a5c259141048, 0x3feffc73e1d43a43],
        [0x3ff49b47d91b8566, 0x3fc71211cf4d710e, 0x3ff57356b799e393, 0x3ff1189527ab9eb2],
        [0x3ff72ebf2559b7f9, 0x3fb25a3234755501, 0x3fd5499a86680d86, 0x3fba8d988c11f341],
        [0x3fba2bb980a07680, 0x3fce1d04a03b7543, 0x3ff794a2ef7f7d9a, 0x3feef4e55ec8bce9],
        [0x4002028b29fda9bc, 0x4017c63d46eafc00, 0x400cb098704a8b84, 0x4022a51e2ad5214d],
    ];
    for ((name, sampler, _), expected) in cases().into_iter().zip(pinned) {
        let mut stream = Streams::new(42, 0).stream("distribution", name);
        let drawn = [(); 4].map(|()| sampler.draw(&mut stream));
        assert_eq!(drawn.map(f64::to_bits), expected, "{name} drew {drawn:?}");
    }
}

#[test]
fn a_time_is_a_draw_rounded_to_the_nanosecond() {
    let sampler = Sampler::constant(0.25).unwrap();
    let mut stream = Streams::new(42, 0).stream("distribution", "time");
    let before = stream.clone().bits();
    assert_eq!(sampler.draw_time(&mut stream), SimTime::from_millis(250));
    assert_eq!(stream.bits(), before, "a constant draws nothing");
}
