//! What each container gets of cores that are too few.

use super::Cpu;

impl Cpu {
    /// Max–min fair shares by weight: whoever wants less than its part gets what it wants, and the
    /// rest is dealt again among the others.
    pub(super) fn share(&mut self) {
        let mut free = self.cores * self.speed;
        let mut weight = 0.0;
        self.wanting.clear();
        for &index in &self.busy {
            let group = &self.groups[index as usize];
            if group.runnable > 0 {
                weight += group.shares;
                self.wanting.push(index);
            }
        }
        loop {
            let part = free / weight;
            let before = self.wanting.len();
            let groups = &self.groups;
            self.wanting.retain(|&index| {
                let group = &groups[index as usize];
                let wanted = group.speed * f64::from(group.runnable);
                let is_modest = wanted <= part * group.shares;
                if is_modest {
                    free -= wanted;
                    weight -= group.shares;
                }
                !is_modest
            });
            if self.wanting.len() == before || self.wanting.is_empty() {
                for &index in &self.wanting {
                    let group = &mut self.groups[index as usize];
                    group.rate = part * group.shares / f64::from(group.runnable);
                }
                return;
            }
        }
    }
}
