//! What a database's buffer pool takes of the size that is stated for it.

use super::setting::Settings;
use crate::scenario::Parameter;

const GIB: u64 = 1 << 30;
const MIB: u64 = 1 << 20;

/// Bytes of the buffer pool. InnoDB rounds it up to a multiple of its chunk times its instances, of which one smaller
/// than 1 GiB has one; a pool that is smaller than that has its chunk in whole MiB instead (MySQL docs: Configuring
/// InnoDB Buffer Pool Size; MySQL 8.0 source: ha_innodb.cc, innodb_buffer_pool_size_init, and `buf_pool_size_align`).
/// Since MySQL 8.4 there is an instance for each four cores, and no more than half of the chunks (MySQL 8.4 docs:
/// innodb_buffer_pool_instances).
pub(super) fn bytes(settings: &Settings, cores: u32) -> u64 {
    let size = settings.bytes(Parameter::BufferPool);
    let chunk = settings.bytes(Parameter::BufferPoolChunk);
    if size == 0 || chunk == 0 {
        return size;
    }
    let instances = match u64::from(settings.count(Parameter::BufferPoolInstances)) {
        _ if size < GIB => 1,
        0 => u64::from(cores / 4).min(size / chunk / 2).clamp(1, 64),
        stated => stated,
    };
    let step = match chunk * instances {
        step if step > size => (size / instances).next_multiple_of(MIB) * instances,
        step => step,
    };
    size.next_multiple_of(step)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog;
    use crate::quantity::Bytes;
    use crate::scenario::{Service, Unit, Value};

    /// MiB of the pool of a profile, on a host of so many cores.
    fn pool(profile: &str, stated: &[(Parameter, u64)], cores: u32) -> u64 {
        let value = |one: Parameter, number: u64| match one.unit() == Unit::Count {
            true => Value::Count(number),
            false => Value::Bytes(Bytes::mib(number)),
        };
        let parameters = stated.iter().map(|&(one, number)| (one, value(one, number))).collect();
        let service = Service { parameters, ..Service::default() };
        let profile = catalog::profile(profile).unwrap();
        bytes(&Settings::new(&service, profile, 8 << 30), cores) / MIB
    }

    #[test]
    fn innodb_rounds_its_pool_up_to_chunks_of_each_instance() {
        for (profile, size, cores, expected) in [
            ("mysql", 900, 2, 1024),
            ("mysql", 128, 2, 128),
            ("mysql", 100, 2, 100),
            ("mysql", 1100, 2, 1152),
            ("mysql", 1100, 32, 1536),
            ("mysql-8.0", 900, 2, 1024),
            ("mysql-8.0", 1024, 2, 1024),
            ("mysql-8.0", 1100, 2, 2048),
            ("mariadb-10.6", 1100, 64, 1152),
            ("mariadb", 900, 2, 900),
            ("mongodb", 300, 2, 300),
        ] {
            let told = pool(profile, &[(Parameter::BufferPool, size)], cores);
            assert_eq!(told, expected, "{profile}, {size} MiB, {cores} cores");
        }
    }

    #[test]
    fn chunks_and_instances_that_are_stated_count() {
        let (size, chunk) = (Parameter::BufferPool, Parameter::BufferPoolChunk);
        let instances = Parameter::BufferPoolInstances;
        assert_eq!(pool("mysql-8.0", &[(size, 900), (chunk, 1)], 2), 900);
        assert_eq!(pool("mysql-8.0", &[(size, 1100), (instances, 1)], 2), 1152);
        assert_eq!(pool("mysql", &[(size, 1536), (instances, 8)], 2), 2048);
        // Chunks too large for it become as large as an eighth of it.
        assert_eq!(pool("mysql", &[(size, 1100), (instances, 8), (chunk, 256)], 2), 1104);
    }
}
