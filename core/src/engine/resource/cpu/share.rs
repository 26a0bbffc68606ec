//! What each container gets of the cores.

use super::Cpu;

impl Cpu {
    /// Deals the cores out again. Max–min fair shares by weight: whoever wants less than its part gets what
    /// it wants, and the rest is dealt again among the others.
    pub(super) fn deal(&mut self) {
        let mut free = self.cores * self.speed;
        let mut weight = 0.0;
        for &index in &self.busy {
            let group = &mut self.groups[index as usize];
            // Who runs elsewhere or stands still wants nothing here.
            group.is_modest = !self.is_short || group.runnable == 0;
            if !group.is_modest {
                weight += group.shares;
            }
        }
        loop {
            self.level = free / weight;
            let mut is_settled = true;
            for &index in &self.busy {
                let group = &mut self.groups[index as usize];
                if !group.is_modest && group.wanted() <= self.level * group.shares {
                    group.is_modest = true;
                    free -= group.wanted();
                    weight -= group.shares;
                    is_settled = false;
                }
            }
            if is_settled {
                break;
            }
        }
        for &index in &self.busy {
            self.groups[index as usize].deal(self.level);
        }
    }
}
