/*
 * What nvidia-smi has printed, with the columns of `gpuQuery`. No machine of ours has a GPU: the values are those that
 * people posted, each with its source, and where they asked for other columns theirs were put in our order.
 */

/**
 * H200s whose names, totals and used memory somebody's notes on a server show. They asked for no more: what is free is
 * the rest here, less the driver's share on the last one, and how busy they are is made up.
 */
export const severalGpus = `0, 144384, 45662, 98722, 37, Disabled, NVIDIA H200-141C
1, 144384, 131470, 12914, 100, Disabled, NVIDIA H200-141C
2, 144384, 137255, 7129, 99, Disabled, NVIDIA H200-141C
3, 144384, 0, 143768, 0, Disabled, NVIDIA H200-141C
`;

/** A partitioned A100 from inside a container that was given a slice (github.com/Stability-AI/StableSwarmUI/issues/388). */
export const partitioned = `0, [Insufficient Permissions], [Insufficient Permissions], [Insufficient Permissions], [N/A], Enabled, NVIDIA A100-SXM4-80GB
`;

/** The report's part on the slices of such a GPU, as gpustack quotes it (github.com/gpustack/gpustack/pull/2714). */
export const partitionedReport = `<?xml version="1.0" ?>
<!DOCTYPE nvidia_smi_log SYSTEM "nvsmi_device_v12.dtd">
<nvidia_smi_log>
	<driver_version>575.57.08</driver_version>
	<cuda_version>12.9</cuda_version>
	<attached_gpus>1</attached_gpus>
	<gpu id="00000000:00:09.0">
		<product_name>NVIDIA H20</product_name>
		<mig_mode>
			<current_mig>Enabled</current_mig>
			<pending_mig>Enabled</pending_mig>
		</mig_mode>
		<mig_devices>
			<mig_device>
				<index>0</index>
				<gpu_instance_id>1</gpu_instance_id>
				<compute_instance_id>0</compute_instance_id>
				<fb_memory_usage>
					<total>40448 MiB</total>
					<reserved>0 MiB</reserved>
					<used>298 MiB</used>
					<free>40151 MiB</free>
				</fb_memory_usage>
			</mig_device>
		</mig_devices>
		<fb_memory_usage>
			<total>Insufficient Permissions</total>
		</fb_memory_usage>
	</gpu>
</nvidia_smi_log>
`;

/** A GPU that shares the machine's memory has none of its own to report (GB10 and Jetson boards). */
export const sharedMemory = "0, [N/A], [N/A], [N/A], 12, [N/A], NVIDIA GB10\n";

/** On stdout, with exit code 9, where the kernel's driver is missing or of another version. */
export const noDriver =
  "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. " +
  "Make sure that the latest NVIDIA driver is installed and running.\n";
