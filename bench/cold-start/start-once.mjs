// A process that loads one function as Lambda does when it starts an instance, and says how much CPU time that took.
await import(process.argv[2]);
const { user, system } = process.cpuUsage();
process.stdout.write(String(user + system), () => process.exit(0));
