//! Standard exponential and normal draws by the ziggurat method with 256 layers.
//!
//! Source: Marsaglia & Tsang, *The Ziggurat Method for Generating Random Variables* (2000), with the
//! layer, the sign and the position taken from disjoint bits of one draw (Doornik 2005 shows why
//! shared bits bias the result).
//!
//! Layer `i` reaches from height `HEIGHT[i]` to `HEIGHT[i + 1]` and is `EDGE[i]` wide. All layers
//! have the same area; layer 0 is the base strip with the tail, given the width it would have as a
//! rectangle. 98 to 99 of 100 draws end at the first comparison.

use super::ziggurat_table::{EXPONENTIAL_EDGE, EXPONENTIAL_HEIGHT, NORMAL_EDGE, NORMAL_HEIGHT};
use crate::math;
use crate::random::Stream;

/// Number of layers; the tables hold one entry more.
pub(super) const LAYERS: usize = 256;

/// The position within a layer: the upper 53 bits.
#[inline]
fn position(bits: u64) -> f64 {
    (bits >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
}

/// Exponential with mean 1.
#[inline]
pub(super) fn exponential(stream: &mut Stream) -> f64 {
    let mut beyond = 0.0;
    loop {
        let bits = stream.bits();
        let layer = (bits & 0xff) as usize;
        let x = position(bits) * EXPONENTIAL_EDGE[layer];
        if x < EXPONENTIAL_EDGE[layer + 1] {
            return beyond + x;
        }
        if layer == 0 {
            // Memoryless: what lies past the last edge is an exponential again.
            beyond += EXPONENTIAL_EDGE[1];
        } else if height(&EXPONENTIAL_HEIGHT, layer, stream) < math::exp(-x) {
            return beyond + x;
        }
    }
}

/// Normal with mean 0 and variance 1.
#[inline]
pub(super) fn normal(stream: &mut Stream) -> f64 {
    loop {
        let bits = stream.bits();
        let layer = (bits & 0xff) as usize;
        let sign = if bits & 0x100 == 0 { 1.0 } else { -1.0 };
        let x = position(bits) * NORMAL_EDGE[layer];
        if x < NORMAL_EDGE[layer + 1] {
            return sign * x;
        }
        if layer == 0 {
            return sign * normal_tail(stream);
        }
        if height(&NORMAL_HEIGHT, layer, stream) < math::exp(-0.5 * x * x) {
            return sign * x;
        }
    }
}

/// A random height within a layer, for the part of it that the curve cuts.
#[cold]
fn height(heights: &[f64; LAYERS + 1], layer: usize, stream: &mut Stream) -> f64 {
    heights[layer] + stream.unit() * (heights[layer + 1] - heights[layer])
}

/// A normal known to lie past the last edge. Source: Marsaglia, *Generating a variable from the tail
/// of the normal distribution* (1964).
#[cold]
fn normal_tail(stream: &mut Stream) -> f64 {
    let edge = NORMAL_EDGE[1];
    loop {
        let past = exponential(stream) / edge;
        if 2.0 * exponential(stream) >= past * past {
            return edge + past;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::LAYERS;
    use crate::math;

    /// A decreasing density on x ≥ 0 with f(0) = 1.
    struct Curve {
        density: fn(f64) -> f64,
        inverse: fn(f64) -> f64,
        tail_area: fn(f64) -> f64,
    }

    const EXPONENTIAL: Curve = Curve {
        density: |x| math::exp(-x),
        inverse: |y| -math::ln(y),
        tail_area: |x| math::exp(-x),
    };

    const NORMAL: Curve = Curve {
        density: |x| math::exp(-0.5 * x * x),
        inverse: |y| (-2.0 * math::ln(y)).sqrt(),
        tail_area: |x| {
            let half_pi = std::f64::consts::FRAC_PI_2;
            half_pi.sqrt() * math::erfc(x * std::f64::consts::FRAC_1_SQRT_2)
        },
    };

    impl Curve {
        /// The edges when the last one lies at `last`, and the height the top layer then reaches.
        fn edges(&self, last: f64) -> ([f64; LAYERS + 1], f64) {
            let area = last * (self.density)(last) + (self.tail_area)(last);
            let mut edges = [0.0; LAYERS + 1];
            edges[0] = area / (self.density)(last);
            edges[1] = last;
            for layer in 1..LAYERS - 1 {
                let top = (self.density)(edges[layer]) + area / edges[layer];
                edges[layer + 1] = if top < 1.0 { (self.inverse)(top) } else { 0.0 };
                if top >= 1.0 {
                    return (edges, f64::INFINITY);
                }
            }
            let top_edge = edges[LAYERS - 1];
            (edges, (self.density)(top_edge) + area / top_edge)
        }

        /// Edges and heights, the last edge chosen so that the top layer ends at the peak.
        fn table(&self) -> [[f64; LAYERS + 1]; 2] {
            let last = math::bisect(2.0, 10.0, |last| self.edges(last).1 <= 1.0);
            let edges = self.edges(last).0;
            // The base strip has no floor of its own; its height is never read.
            let heights = edges.map(self.density);
            [edges, heights]
        }
    }

    fn rendered() -> String {
        let [exponential_edge, exponential_height] = EXPONENTIAL.table();
        let [normal_edge, normal_height] = NORMAL.table();
        let mut text = String::from(
            "//! Layers of the ziggurats: generated, do not edit. `UPDATE=1 cargo test ziggurat` rewrites it.\n\
             //!\n//! Written as bits, so that no reading of decimals can move the last one.\n\n\
             use super::ziggurat::LAYERS;\n\n\
             const fn decode(bits: [u64; LAYERS + 1]) -> [f64; LAYERS + 1] {\n    \
             let mut values = [0.0; LAYERS + 1];\n    let mut i = 0;\n    while i <= LAYERS {\n        \
             values[i] = f64::from_bits(bits[i]);\n        i += 1;\n    }\n    values\n}\n",
        );
        for (name, values) in [
            ("EXPONENTIAL_EDGE", exponential_edge),
            ("EXPONENTIAL_HEIGHT", exponential_height),
            ("NORMAL_EDGE", normal_edge),
            ("NORMAL_HEIGHT", normal_height),
        ] {
            text += "\n#[rustfmt::skip]\n#[allow(clippy::unreadable_literal)]\n";
            text += &format!("pub(super) static {name}: [f64; LAYERS + 1] = decode([\n");
            for row in values.chunks(5) {
                let row: Vec<_> = row.iter().map(|x| format!("{:#018x},", x.to_bits())).collect();
                text += &format!("    {}\n", row.join(" "));
            }
            text += "]);\n";
        }
        text
    }

    #[test]
    fn ziggurat_table_is_fresh() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/distribution/ziggurat_table.rs");
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(path, rendered()).expect("the table can be written");
        }
        let text = std::fs::read_to_string(path).expect("the table can be read");
        assert!(text == rendered(), "stale: UPDATE=1 cargo test ziggurat");
    }

    #[test]
    fn last_edges_are_the_published_ones() {
        // Marsaglia & Tsang 2000, for 256 layers.
        assert!((EXPONENTIAL.table()[0][1] - 7.697_117_470_131_487).abs() < 1e-10);
        assert!((NORMAL.table()[0][1] - 3.654_152_885_361_009).abs() < 1e-10);
    }
}
